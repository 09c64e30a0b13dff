// SPDX-License-Identifier: Apache-2.0
// void enter_linux(const core::EntryState& entry): the 64-bit boot protocol's entry, and no way back.
//
// EntryState: cs at 0, ds at 2, gdt_base at 8, gdt_limit at 16, cr3 at 24, rip at 32, rsp at 40, rsi at 48.

        .section .text
        .global enter_linux, vm_enter_critical, vm_enter_critical_end, vm_enter_again
enter_linux:
        movq    %rdi, %rbx
        movw    16(%rbx), %ax
        movw    %ax, -16(%rsp)
        movq    8(%rbx), %rax
        movq    %rax, -14(%rsp)
        lgdt    -16(%rsp)
        movzwl  0(%rbx), %r8d
        movzwl  2(%rbx), %ecx
        movq    24(%rbx), %rdx
        movq    32(%rbx), %r9
        movq    40(%rbx), %r10
        movq    48(%rbx), %rsi
        movq    %rdx, %cr3
        movw    %cx, %ds
        movw    %cx, %es
        movw    %cx, %ss
        movq    %r10, %rsp
        pushq   %r8
        pushq   %r9
        xorl    %ebx, %ebx
        xorl    %ebp, %ebp
        xorl    %edi, %edi
        lretq

        // exceptions.S asks whether an NMI came on the way into a guest; here there is no such way.
vm_enter_critical:
vm_enter_critical_end:
vm_enter_again:
        ud2

        .section .note.GNU-stack, "", @progbits
