// SPDX-License-Identifier: Apache-2.0
// void native_call(Registers* registers, const void* code): loads all general registers but RSP, and the
// flags, from `registers`, jumps to `code`, and stores them when that jumps to native_return.

        .text
        .global native_call, native_return
native_call:
        pushq   %rbx
        pushq   %rbp
        pushq   %r12
        pushq   %r13
        pushq   %r14
        pushq   %r15
        pushq   %rdi
        movq    %rsp, native_stack(%rip)
        movq    %rsi, native_target(%rip)
        pushq   136(%rdi)
        popfq
        movq    0*8(%rdi), %rax
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
        movq    7*8(%rdi), %rdi
        jmp     *native_target(%rip)

native_return:
        movq    %rdi, native_target(%rip)
        movq    native_stack(%rip), %rsp
        movq    (%rsp), %rdi
        movq    %rax, 0*8(%rdi)
        movq    %rcx, 1*8(%rdi)
        movq    %rdx, 2*8(%rdi)
        movq    %rbx, 3*8(%rdi)
        movq    %rbp, 5*8(%rdi)
        movq    %rsi, 6*8(%rdi)
        movq    %r8, 8*8(%rdi)
        movq    %r9, 9*8(%rdi)
        movq    %r10, 10*8(%rdi)
        movq    %r11, 11*8(%rdi)
        movq    %r12, 12*8(%rdi)
        movq    %r13, 13*8(%rdi)
        movq    %r14, 14*8(%rdi)
        movq    %r15, 15*8(%rdi)
        movq    native_target(%rip), %rax
        movq    %rax, 7*8(%rdi)
        pushfq
        popq    136(%rdi)
        cld
        popq    %rdi
        popq    %r15
        popq    %r14
        popq    %r13
        popq    %r12
        popq    %rbp
        popq    %rbx
        ret

        .local  native_stack, native_target
        .comm   native_stack, 8, 8
        .comm   native_target, 8, 8

        .section .note.GNU-stack, "", @progbits
