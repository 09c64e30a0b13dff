// SPDX-License-Identifier: Apache-2.0
// What an application processor runs after SIPI: ap_trampoline, copied to a page below 1 MiB, takes it
// from real to protected mode; the rest runs where it is linked, takes it to 64-bit mode, onto the stack
// that the boot processor left in ap_stack, and into processor_main(the word on top of that stack).
// Processors are started one at a time, so one ap_stack serves all.

        .section .rodata
        .global ap_trampoline, ap_trampoline_end
        .code16
ap_trampoline:
        cli
        cld
        movw    %cs, %ax
        movw    %ax, %ds
        lgdtl   ap_gdt_pointer - ap_trampoline
        movl    %cr0, %eax
        orl     $1, %eax
        movl    %eax, %cr0
        ljmpl   $0x18, $ap_protected
        .balign 8
ap_gdt_pointer:
        .short  ap_gdt_end - ap_gdt - 1
        .long   ap_gdt
ap_trampoline_end:

        .balign 8
ap_gdt:
        .quad   0
        .quad   0x00AF9B000000FFFF              // 0x08: 64-bit code
        .quad   0x00CF93000000FFFF              // 0x10: data
        .quad   0x00CF9B000000FFFF              // 0x18: 32-bit code
ap_gdt_end:

        .section .text.boot, "ax"
        .code32
ap_protected:
        movw    $0x10, %ax
        movw    %ax, %ds
        movw    %ax, %es
        movw    %ax, %ss
        movl    ap_stack, %esp
        call    enter_long_mode
        ljmp    $0x08, $1f
        .code64
1:      movl    %esp, %esp
        movq    (%rsp), %rdi
        call    processor_main
2:      cli
        hlt
        jmp     2b

        .section .data
        .balign 8
        .global ap_stack
ap_stack:
        .quad   0

        .section .note.GNU-stack, "", @progbits
