// SPDX-License-Identifier: Apache-2.0
// The firmware's own exceptions, and NMI, with which one CPU calls another to attention.
//
// An NMI changes nothing by itself: the caller has left its wish in the virtual CPU's event word. It must
// only not fall between looking at that word and acting on having found nothing, so the two places that
// do so name their instructions here, and the handler moves an interrupted CPU to where it looks again.

        .section .text
        .macro stub vector, has_error
stub_\vector:
        .if !\has_error
        pushq   $0
        .endif
        pushq   $\vector
        movq    %rsp, %rdi
        call    firmware_exception
        .endm

        .altmacro
        .macro numbered vector
        .if \vector == 2
        .elseif \vector == 8 || \vector == 10 || \vector == 11 || \vector == 12 || \vector == 13 || \vector == 14 || \vector == 17 || \vector == 21
        stub \vector, 1
        .else
        stub \vector, 0
        .endif
        .endm
        .set i, 0
        .rept 32
        numbered %i
        .set i, i + 1
        .endr

        // Where the NMI interrupted between `begin` and `end`, it goes back to `again`.
        .macro restart begin, end, again
        leaq    \begin(%rip), %rax
        cmpq    %rax, 8(%rsp)
        jb      1f
        leaq    \end(%rip), %rax
        cmpq    %rax, 8(%rsp)
        jae     1f
        leaq    \again(%rip), %rax
        movq    %rax, 8(%rsp)
1:
        .endm

stub_2: // NMI
        pushq   %rax
        restart vm_enter_critical, vm_enter_critical_end, vm_enter_again
        restart wait_for_event, wait_for_event_end, wait_for_event
        restart wait_for_interrupt, wait_for_interrupt_end, wait_for_interrupt
        popq    %rax
        iretq

        // void wait_for_event(const u32* events): returns once the word is not zero.
        .global wait_for_event
wait_for_event:
        cmpl    $0, (%rdi)
        jne     1f
        hlt
wait_for_event_end:
        jmp     wait_for_event
1:      ret

        // u32 wait_for_interrupt(const u32* events): returns the vector of an external interrupt, or 0 once
        // the word is not zero. The firmware takes interrupts nowhere else, so their handlers do not go back
        // to where they interrupted: they return from here, with the vector.
        .global wait_for_interrupt
wait_for_interrupt:
        cli
        cmpl    $0, (%rdi)
        jne     1f
        sti
        hlt
wait_for_interrupt_end:
        jmp     wait_for_interrupt
1:      xorl    %eax, %eax
        ret

        .set i, 32
        .balign 8
        .global interrupt_stubs
interrupt_stubs:
        .rept 224
        .balign 8
        pushq   $i - 128                // a signed byte
        jmp     interrupt
        .set i, i + 1
        .endr
interrupt:
        popq    %rax
        addl    $128, %eax
        movq    24(%rsp), %rsp          // as it was: the CPU aligns it before it pushes (SDM vol. 3A, 6.14.2)
        ret

        // void allow_nmi(): ends the blocking of NMIs that an NMI exit leaves behind (SDM vol. 3C, 28.5.5).
        .global allow_nmi
allow_nmi:
        movq    %rsp, %rax
        pushq   $0x10
        pushq   %rax
        pushfq
        pushq   $0x08
        leaq    1f(%rip), %rcx
        pushq   %rcx
        iretq
1:      ret

        .section .rodata
        .balign 8
        .macro entry vector
        .quad   stub_\vector
        .endm
        .global exception_stubs
exception_stubs:
        .set i, 0
        .rept 32
        entry %i
        .set i, i + 1
        .endr

        .section .note.GNU-stack, "", @progbits
