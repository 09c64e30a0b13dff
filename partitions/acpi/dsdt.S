/* SPDX-License-Identifier: Apache-2.0 */
/* The compiled DSDT, as bytes between two symbols. */
        .section .rodata
        .global cloison_dsdt, cloison_dsdt_end
cloison_dsdt:
        .incbin "dsdt.aml"
cloison_dsdt_end:
        .section .note.GNU-stack, "", @progbits
