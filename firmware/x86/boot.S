// SPDX-License-Identifier: Apache-2.0
// Entry from a multiboot2 loader (or our option ROM): 32-bit protected mode, paging off, eax = magic,
// ebx = information structure (multiboot2 specification, 3.3). Switches to 64-bit mode on identity
// page tables for the first 4 GiB and calls firmware_main(magic, information).

#define MULTIBOOT2_HEADER_MAGIC 0xE85250D6

        .section .multiboot, "a"
        .balign 8
header:
        .long   MULTIBOOT2_HEADER_MAGIC
        .long   0                               // architecture: 32-bit protected mode of i386
        .long   header_end - header
        .long   -(MULTIBOOT2_HEADER_MAGIC + 0 + (header_end - header))
        // Modules start on page boundaries.
        .balign 8
        .short  6, 0
        .long   8
        // End tag.
        .balign 8
        .short  0, 0
        .long   8
header_end:

        .section .text.boot, "ax"
        .code32
        .global firmware_entry
firmware_entry:
        cli
        cld
        movl    $boot_stack_top, %esp
        movl    %eax, %ebp
        movl    %ebx, %esi

        // The image's zeroed memory: the option ROM copies only what the file holds.
        movl    $__bss_start, %edi
        movl    $__bss_end, %ecx
        subl    %edi, %ecx
        shrl    $2, %ecx
        xorl    %eax, %eax
        rep stosl

        movl    $0x80000000, %eax
        cpuid
        cmpl    $0x80000001, %eax
        jb      no_long_mode
        movl    $0x80000001, %eax
        cpuid
        btl     $29, %edx
        jnc     no_long_mode

        // PML4 -> PDPT -> 4 page directories of 2 MiB pages: 4 GiB, identity.
        movl    $boot_pdpt + 3, boot_pml4
        movl    $boot_directories + 3, %eax
        movl    $boot_pdpt, %edi
        movl    $4, %ecx
1:      movl    %eax, (%edi)
        addl    $4096, %eax
        addl    $8, %edi
        loop    1b
        movl    $boot_directories, %edi
        movl    $0x83, %eax                     // present, writable, 2 MiB
        movl    $2048, %ecx
1:      movl    %eax, (%edi)
        addl    $0x200000, %eax
        addl    $8, %edi
        loop    1b

        call    enter_long_mode
        ljmp    $0x08, $1f
        .code64
1:      movl    $boot_stack_top, %esp
        movl    %ebp, %edi
        movl    %esi, %esi
        call    firmware_main
2:      cli
        hlt
        jmp     2b

        .code32
        // Enables 64-bit mode on boot_pml4 and loads boot_gdt; clobbers eax, ecx, edx.
        .global enter_long_mode
enter_long_mode:
        movl    $boot_pml4, %eax
        movl    %eax, %cr3
        movl    %cr4, %eax
        orl     $0x620, %eax                    // PAE, OSFXSR, OSXMMEXCPT
        movl    %eax, %cr4
        movl    $0xC0000080, %ecx               // IA32_EFER
        rdmsr
        orl     $0x900, %eax                    // LME, NXE
        wrmsr
        movl    %cr0, %eax
        andl    $0x9FFFFFFB, %eax               // caches on, no FPU emulation
        orl     $0x80010023, %eax               // PG, WP, NE, MP, PE
        movl    %eax, %cr0
        lgdt    boot_gdt_pointer
        ret

        // Too old even for the log: say so on COM1, if there is one, and halt.
no_long_mode:
        movl    $missing, %esi
1:      lodsb
        testb   %al, %al
        jz      3f
        movb    %al, %bl
        movl    $0x10000, %ecx
        movw    $0x3FD, %dx
2:      inb     %dx, %al
        testb   $0x20, %al
        loopz   2b
        movb    %bl, %al
        movw    $0x3F8, %dx
        outb    %al, %dx
        jmp     1b
3:      cli
        hlt
        jmp     3b

        .section .rodata
missing:
        .asciz  "@missing feature=long-mode\r\n@halt\r\n"
        .balign 8
boot_gdt:
        .quad   0
        .quad   0x00AF9B000000FFFF              // 0x08: 64-bit code
        .quad   0x00CF93000000FFFF              // 0x10: data
boot_gdt_end:
        .global boot_gdt_pointer
boot_gdt_pointer:
        .short  boot_gdt_end - boot_gdt - 1
        .quad   boot_gdt

        .section .bss
        .balign 4096
        .global boot_pml4, boot_pdpt
boot_pml4:
        .skip   4096
boot_pdpt:
        .skip   4096
boot_directories:
        .skip   4 * 4096
        .skip   8192
boot_stack_top:

        .section .note.GNU-stack, "", @progbits
