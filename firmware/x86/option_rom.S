// SPDX-License-Identifier: Apache-2.0
// The boot loader on Bochs: an option ROM that takes over INT 19h, the BIOS's "boot now", when e820,
// ACPI and MP tables are in place and the application processors are parked. It brings the bundle's
// blocks into order (firmware/abi/modules.hpp says why), asks the BIOS for the memory map, copies the
// firmware to its place and enters it by the multiboot2 protocol.
//
// The host patches bundle_address, the one variable, and the checksum byte at the end.

#define BUNDLE_BLOCK    0x20000
#define BUNDLE_SLACK    32
#define BUNDLE_SCRATCH  0x400000
#define HEADER_BLOCKS   8               // offsets in abi::BundleHeader
#define HEADER_FW_OFF   12
#define HEADER_FW_SIZE  16
#define HEADER_FW_ADDR  20
#define HEADER_ENTRY    24
#define HEADER_INFO     28
#define HEADER_MMAP     32
#define HEADER_MMAP_N   36
#define E820_BUFFER     0x8000          // real-mode scratch: 32 entries of 24 bytes
#define E820_MAX        32

        .code16
        .section .text
        .global rom_start
rom_start:
        .byte   0x55, 0xAA, (rom_end - rom_start) / 512
        jmp     init
        .balign 4
        .global bundle_address
bundle_address:                         // at offset 8: patched by the host
        .long   0

init:                                   // called by the BIOS's ROM scan: hook INT 19h
        pushw   %ds
        pushw   %ax
        xorw    %ax, %ax
        movw    %ax, %ds
        movw    $int19 - rom_start, 0x19 * 4
        movw    %cs, 0x19 * 4 + 2
        popw    %ax
        popw    %ds
        lretw

int19:
        cli
        cld
        xorw    %ax, %ax
        movw    %ax, %ss
        movw    $0x7C00, %sp
        movw    %ax, %es
        movw    $E820_BUFFER, %di
        xorl    %ebx, %ebx
        xorw    %bp, %bp                // entries so far
1:      movl    $0xE820, %eax
        movl    $0x534D4150, %edx       // "SMAP"
        movl    $20, %ecx
        movl    $0, %es:20(%di)
        int     $0x15
        jc      2f
        cmpl    $0x534D4150, %eax
        jne     2f
        addw    $24, %di
        incw    %bp
        cmpw    $E820_MAX, %bp
        jae     2f
        testl   %ebx, %ebx
        jnz     1b
2:      cli
        inb     $0x92, %al              // A20
        orb     $2, %al
        andb    $0xFE, %al
        outb    %al, $0x92
        movw    %cs, %ax
        movw    %ax, %ds
        lgdtl   gdt_pointer - rom_start
        movl    %cr0, %eax
        orl     $1, %eax
        movl    %eax, %cr0
        ljmpl   $0x08, $0xD0000 + protected - rom_start

        .code32
protected:
        movw    $0x10, %ax
        movw    %ax, %ds
        movw    %ax, %es
        movw    %ax, %ss
        movzwl  %bp, %ebp
        movl    0xD0000 + bundle_address - rom_start, %ebx

        // Touch scratch blocks until the last slack block of the bundle has been handed out.
        movl    $BUNDLE_SCRATCH, %esi
        movl    $2 * BUNDLE_SLACK, %ecx
1:      movl    (%esi), %eax
        addl    $BUNDLE_BLOCK, %esi
        cmpl    $BUNDLE_SLACK, %eax
        je      2f
        loop    1b
        jmp     failed
        // Then the data blocks, in order.
2:      movl    HEADER_BLOCKS(%ebx), %ecx
        movl    %ebx, %esi
3:      addl    $BUNDLE_BLOCK, %esi
        movl    (%esi), %eax
        loop    3b

        // The memory map, in multiboot2's form: base, length, type, reserved.
        movl    HEADER_MMAP(%ebx), %edi
        addl    %ebx, %edi
        movl    HEADER_MMAP_N(%ebx), %eax
        cmpl    %eax, %ebp
        cmoval  %eax, %ebp
        imull   $24, %ebp, %ecx
        addl    $16, %edi               // the tag's own fields stay: entries past the last are empty
        movl    $E820_BUFFER, %esi
        rep movsb

        movl    HEADER_FW_OFF(%ebx), %esi
        addl    %ebx, %esi
        movl    HEADER_FW_ADDR(%ebx), %edi
        movl    HEADER_FW_SIZE(%ebx), %ecx
        addl    $3, %ecx
        shrl    $2, %ecx
        rep movsl

        movl    HEADER_ENTRY(%ebx), %edx
        addl    HEADER_INFO(%ebx), %ebx
        movl    $0x36D76289, %eax
        jmp     *%edx

failed:                                 // say so on COM1; the runner reads it as a refusal
        movw    $0x3FB, %dx             // 8 bits a character: Bochs's UART starts with 5
        movb    $3, %al
        outb    %al, %dx
        movl    $0xD0000 + message - rom_start, %esi
1:      movw    $0x3FD, %dx
        inb     %dx, %al
        testb   $0x20, %al              // transmitter ready?
        jz      1b
        lodsb
        testb   %al, %al
        jz      2f
        movw    $0x3F8, %dx
        outb    %al, %dx
        jmp     1b
2:      hlt
        jmp     2b

        .balign 8
gdt:
        .quad   0
        .quad   0x00CF9B000000FFFF
        .quad   0x00CF93000000FFFF
gdt_end:
gdt_pointer:
        .short  gdt_end - gdt - 1
        .long   0xD0000 + gdt - rom_start
message:
        .asciz  "@refuse rule=bundle-layout\r\n@halt\r\n"
        .skip   1                       // the last byte is the checksum
        .balign 512, 0
rom_end:

        .section .note.GNU-stack, "", @progbits
