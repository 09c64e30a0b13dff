// SPDX-License-Identifier: Apache-2.0
// Into the guest and back. The guest's general registers are in an array of 16 words in the order of
// instruction encodings (RSP, word 4, is the VMCS's).
//
//   u32 vm_enter(u64* registers, const u32* events, u32 launched)
//
// Returns 0 after a VM exit, 1 when an event was pending and the guest was not entered, 2 when the entry
// failed (VMfailInvalid or VMfailValid). HOST_RIP must be vm_exit; HOST_RSP is set here.

        .section .text
        .global vm_enter, vm_exit, vm_enter_critical, vm_enter_critical_end, vm_enter_again
        .balign 16
vm_enter:
        pushq   %rbx
        pushq   %rbp
        pushq   %r12
        pushq   %r13
        pushq   %r14
        pushq   %r15
        pushq   %rdi
        movl    $0x6C14, %eax                   // HOST_RSP
        vmwrite %rsp, %rax
        movq    %rsi, %rax                      // events
        testl   %edx, %edx
        movq    1*8(%rdi), %rcx
        movq    2*8(%rdi), %rdx
        movq    3*8(%rdi), %rbx
        movq    5*8(%rdi), %rbp
        movq    6*8(%rdi), %rsi
        movq    8*8(%rdi), %r8
        movq    9*8(%rdi), %r9
        movq    10*8(%rdi), %r10
        movq    11*8(%rdi), %r11
        movq    12*8(%rdi), %r12
        movq    13*8(%rdi), %r13
        movq    14*8(%rdi), %r14
        movq    15*8(%rdi), %r15
        jz      1f
        // From here to the entry an NMI leads to vm_enter_again (exceptions.S).
vm_enter_critical:
        cmpl    $0, (%rax)
        jne     vm_enter_again
        movq    0*8(%rdi), %rax
        movq    7*8(%rdi), %rdi
        vmresume
        jmp     vm_enter_failed
1:      cmpl    $0, (%rax)
        jne     vm_enter_again
        movq    0*8(%rdi), %rax
        movq    7*8(%rdi), %rdi
        vmlaunch
        jmp     vm_enter_failed
vm_enter_critical_end:

        .balign 16
vm_exit:
        pushq   %rdi
        movq    8(%rsp), %rdi
        movq    %rax, 0*8(%rdi)
        movq    %rcx, 1*8(%rdi)
        movq    %rdx, 2*8(%rdi)
        movq    %rbx, 3*8(%rdi)
        movq    %rbp, 5*8(%rdi)
        movq    %rsi, 6*8(%rdi)
        popq    %rax
        movq    %rax, 7*8(%rdi)
        movq    %r8, 8*8(%rdi)
        movq    %r9, 9*8(%rdi)
        movq    %r10, 10*8(%rdi)
        movq    %r11, 11*8(%rdi)
        movq    %r12, 12*8(%rdi)
        movq    %r13, 13*8(%rdi)
        movq    %r14, 14*8(%rdi)
        movq    %r15, 15*8(%rdi)
        xorl    %eax, %eax
        jmp     vm_enter_return

vm_enter_again:
        movl    $1, %eax
        jmp     vm_enter_return
vm_enter_failed:
        movl    $2, %eax
vm_enter_return:
        addq    $8, %rsp
        popq    %r15
        popq    %r14
        popq    %r13
        popq    %r12
        popq    %rbp
        popq    %rbx
        cld
        ret

        .section .note.GNU-stack, "", @progbits
