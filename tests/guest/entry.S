// SPDX-License-Identifier: Apache-2.0
// Where a test guest is entered: by the boot loader, by exceptions and interrupts, by the second CPU, and
// on the way to user mode and back.

        .set kernel_code, 0x08                  // cpu.hpp has the same selectors
        .set kernel_data, 0x10
        .set user_data, 0x1B
        .set user_code, 0x23
        .set vector_user_return, 0x80
        .set cpu_user_return, 8                 // offsets in Cpu
        .set cpu_recover, 16

        .section .entry, "ax"
        .code32
        cli
1:      hlt
        jmp     1b

        .org    0x200
        .code64
        .global guest_entry64
guest_entry64:
        cli
        cld
        rdtsc
        shlq    $32, %rdx
        orq     %rax, %rdx
        movq    %rdx, %r12
        leaq    bss_start(%rip), %rdi
        leaq    bss_end(%rip), %rcx
        subq    %rdi, %rcx
        xorl    %eax, %eax
        rep stosb
        leaq    boot_stack_top(%rip), %rsp
        movq    %rsi, %rdi
        movq    %r12, %rsi
        call    guest_start
        ud2

        // --- exceptions and interrupts: 256 stubs of 16 bytes ---

        .text
        .altmacro
        .macro  stub vector
        .balign 16
        .if \vector == vector_user_return
        jmp     user_return
        .else
        .if \vector == 8 || (\vector >= 10 && \vector <= 14) || \vector == 17 || \vector == 21
        .else
        pushq   $0
        .endif
        pushq   $\vector
        jmp     event_common
        .endif
        .endm

        .balign 16
        .global event_stubs
event_stubs:
        .set    i, 0
        .rept   256
        stub    %i
        .set    i, i + 1
        .endr

event_common:
        pushq   %rax
        pushq   %rcx
        pushq   %rdx
        pushq   %rbx
        pushq   %rbp
        pushq   %rsi
        pushq   %rdi
        pushq   %r8
        pushq   %r9
        pushq   %r10
        pushq   %r11
        pushq   %r12
        pushq   %r13
        pushq   %r14
        pushq   %r15
        cld
        movq    %rsp, %rdi
        call    guest_event
        popq    %r15
        popq    %r14
        popq    %r13
        popq    %r12
        popq    %r11
        popq    %r10
        popq    %r9
        popq    %r8
        popq    %rdi
        popq    %rsi
        popq    %rbp
        popq    %rbx
        popq    %rdx
        popq    %rcx
        popq    %rax
        addq    $16, %rsp
        iretq

        .macro  push_callee_saved
        pushq   %rbx
        pushq   %rbp
        pushq   %r12
        pushq   %r13
        pushq   %r14
        pushq   %r15
        .endm

        .macro  pop_callee_saved
        popq    %r15
        popq    %r14
        popq    %r13
        popq    %r12
        popq    %rbp
        popq    %rbx
        .endm

        // --- void call_anywhere(u64 address): guest_event() leads back to recover ---

        .global call_anywhere, recover
call_anywhere:
        push_callee_saved
        movq    %rsp, %gs:cpu_recover
        call    *%rdi
recover:
        movq    %gs:cpu_recover, %rsp
        movq    $0, %gs:cpu_recover
        pop_callee_saved
        ret

        // --- void call_user(void (*function)(), u64 rflags): runs function at CPL 3 ---

        .global call_user
call_user:
        push_callee_saved
        movq    %rsp, %gs:cpu_user_return
        leaq    user_stack_top(%rip), %rax
        leaq    1f(%rip), %rcx
        pushq   $user_data
        pushq   %rax
        pushq   %rsi
        pushq   $user_code
        pushq   %rcx
        iretq
1:      call    *%rdi
        int     $vector_user_return

user_return:                                    // at CPL 0, on the stack for events from user mode
        movq    %gs:cpu_user_return, %rsp
        movl    $kernel_data, %eax
        movl    %eax, %ss
        cld
        pop_callee_saved
        ret

        // --- the second CPU, from a startup IPI to 64-bit mode. Copied to trampoline_page * 4 KiB, where
        // its first words are patched by second_cpu.cpp ---

        .global trampoline, trampoline_cr3, trampoline_end
        .code16
trampoline:
        cli
        movw    %cs, %ax
        movw    %ax, %ds
        lgdtl   trampoline_gdtr - trampoline
        movl    $0x20, %eax                     // CR4.PAE
        movl    %eax, %cr4
        movl    trampoline_cr3 - trampoline, %eax
        movl    %eax, %cr3
        movl    $0xC0000080, %ecx               // IA32_EFER: LME
        rdmsr
        orl     $0x100, %eax
        wrmsr
        movl    $0x80010021, %eax               // CR0: PG, WP, NE, PE; caches on
        movl    %eax, %cr0
        ljmpl   $0x08, $(second_cpu_entry)
        .balign 8
trampoline_gdt:
        .quad   0, 0x00AF9B000000FFFF, 0x00CF93000000FFFF
trampoline_gdtr:
        .word   . - trampoline_gdt - 1
        .long   0x8000 + trampoline_gdt - trampoline
        .balign 8
trampoline_cr3:
        .long   0
trampoline_end:

        .code64
second_cpu_entry:
        movl    $kernel_data, %eax
        movl    %eax, %ss
        movl    %eax, %ds
        movl    %eax, %es
        leaq    second_stack_top(%rip), %rsp
        call    second_cpu_start
        ud2

        .section .bss
        .balign 16
        .skip   16384
boot_stack_top:
        .skip   16384
second_stack_top:
        .skip   16384
user_stack_top:

        .section .note.GNU-stack, "", @progbits
