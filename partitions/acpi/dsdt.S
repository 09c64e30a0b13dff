/* SPDX-License-Identifier: Apache-2.0 */
/* The compiled DSDTs, each as bytes between two symbols. */
        .section .rodata
        .global cloison_dsdt, cloison_dsdt_end, cloison_server_dsdt, cloison_server_dsdt_end
cloison_dsdt:
        .incbin "dsdt.aml"
cloison_dsdt_end:
cloison_server_dsdt:
        .incbin "dsdt_server.aml"
cloison_server_dsdt_end:
        .section .note.GNU-stack, "", @progbits
