// SPDX-License-Identifier: Apache-2.0
// The instruction sequences that steps.cpp has traps and interrupts come into.

        .text

        // void run_stepped(void* buffer): with the trap flag set
        .global run_stepped, stepped_code
run_stepped:
        pushq   %rbx
        movq    %rdi, %r8
        pushfq
        orq     $0x100, (%rsp)
        popfq
stepped_code:
        nop
        xorl    %eax, %eax
        cpuid
        nop
        inb     $0x80, %al
        outb    %al, $0x80
        movl    $0x1B, %ecx                     // IA32_APIC_BASE
        rdmsr
        wrmsr
        nop
        movq    %cr0, %rax
        movq    %rax, %cr0
        orq     $0x40000000, %rax               // CD
        movq    %rax, %cr0
        andq    $~0x40000000, %rax
        movq    %rax, %cr0
        movq    %cr8, %rax
        movq    %rax, %cr8
        wbinvd
        rdtsc
        movl    $0xFEE00020, %edx               // local APIC: ID
        movl    (%rdx), %eax
        movl    $0xFEE00080, %edx               // TPR
        movl    $0, (%rdx)
        movl    $0xFEC00000, %edx               // I/O APIC: index
        movl    $0, (%rdx)
        movl    0x10(%rdx), %eax
        movl    $0x80, %edx
        movl    $3, %ecx
        movq    %r8, %rsi
        rep outsb
        movl    $3, %ecx
        movq    %r8, %rdi
        rep insb
        movl    $3, %ecx
        movq    %r8, %rdi
        rep stosb
        movl    $1, %ecx
        movl    $0xFEE00080, %edi               // TPR
        xorl    %eax, %eax
        rep stosl
        movl    %ss, %ebx
        movl    %ebx, %ss
        cpuid
        nop
        pushfq
        andq    $~0x100, (%rsp)
        popfq
        nop
        popq    %rbx
        ret

        // Each is called with interrupts off and one pending, and returns with them off.
        .global window_sti, window_sti_cpuid, window_popf, window_mov_ss, window_hlt, window_cr8, window_sti_cli
window_sti:
        sti
        nop
        nop
        nop
        cli
        ret
window_sti_cpuid:
        xorl    %eax, %eax
        sti
        cpuid
        nop
        nop
        cli
        ret
window_popf:
        pushfq
        orq     $0x200, (%rsp)
        popfq
        nop
        nop
        cli
        ret
window_mov_ss:
        movl    %ss, %ebx
        xorl    %eax, %eax
        sti
        movl    %ebx, %ss
        cpuid
        nop
        nop
        cli
        ret
window_hlt:
        sti
        hlt
        nop
        cli
        ret
window_cr8:                                     // called with CR8 = 15, leaves 0
        sti
        nop
        nop
        xorl    %eax, %eax
        movq    %rax, %cr8
        nop
        cli
        ret
window_sti_cli:
        sti
        cli
        nop
        nop
        ret

        .section .note.GNU-stack, "", @progbits
