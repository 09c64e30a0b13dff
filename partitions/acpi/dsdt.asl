// SPDX-License-Identifier: Apache-2.0
// The devices that a guest cannot find by itself. The numbers are those of
// firmware/abi/guest_map.hpp; tests/unit/acpi holds them against it.
//
// Compiled twice: with SERVER it is that of partitions that serve, which have a window for their
// clients' memory, and PCI functions with interrupt pins.

#define S5_SLEEP_TYPE     5
#define PCI_WINDOW_BASE   0xC0000000
#define PCI_WINDOW_SIZE   0x20000000
#define PCI_WINDOW_LAST   0xDFFFFFFF
#define SERVER_WINDOW_BASE 0x4000000000
#define SERVER_WINDOW_SIZE 0x4000000000
#define SERVER_WINDOW_LAST 0x7FFFFFFFFF
#define ECAM_BASE         0xE0000000
#define ECAM_SIZE         0x00100000
#define PCI_ADDRESS       0xCF8
#define COM1_PORT         0x3F8
#define COM1_IRQ          4
#define RTC_PORT          0x70
#define RTC_IRQ           8
#define PM1_EVENT         0x600
#define PM_SIZE           12

DefinitionBlock ("dsdt.aml", "DSDT", 2, "CLOISN", "GUESTPC ", 1)
{
    // Power off: both SLP_TYP values for PM1a control (ACPI 6.3, 7.4.2.6).
    Name (\_S5, Package () { S5_SLEEP_TYPE, S5_SLEEP_TYPE, 0, 0 })

    Scope (\_SB)
    {
        Device (PCI0)
        {
            Name (_HID, EisaId ("PNP0A08"))
            Name (_CID, EisaId ("PNP0A03"))
            Name (_UID, 0)
            Name (_SEG, 0)
            Name (_BBN, 0)
            Name (_CRS, ResourceTemplate ()
            {
                WordBusNumber (ResourceProducer, MinFixed, MaxFixed, PosDecode,
                    0, 0, 0, 0, 1)
                IO (Decode16, PCI_ADDRESS, PCI_ADDRESS, 1, 8)
#ifdef SERVER
                // Devices of the machine may be at ports that only PCs of old had.
                WordIO (ResourceProducer, MinFixed, MaxFixed, PosDecode, EntireRange,
                    0, 0x0000, 0x0CF7, 0, 0x0CF8)
                WordIO (ResourceProducer, MinFixed, MaxFixed, PosDecode, EntireRange,
                    0, 0x0D00, 0xFFFF, 0, 0xF300)
#else
                // Ports below are the PC's own devices.
                WordIO (ResourceProducer, MinFixed, MaxFixed, PosDecode, EntireRange,
                    0, 0x1000, 0xFFFF, 0, 0xF000)
#endif
                DWordMemory (ResourceProducer, PosDecode, MinFixed, MaxFixed, NonCacheable, ReadWrite,
                    0, PCI_WINDOW_BASE, PCI_WINDOW_LAST, 0, PCI_WINDOW_SIZE)
#ifdef SERVER
                QWordMemory (ResourceProducer, PosDecode, MinFixed, MaxFixed, Prefetchable, ReadWrite,
                    0, SERVER_WINDOW_BASE, SERVER_WINDOW_LAST, 0, SERVER_WINDOW_SIZE)
#endif
            })
#ifdef SERVER

            // Pin A of each slot (ACPI 6.3, 6.2.13). Which pin of the I/O APIC that is differs from
            // layout to layout: acpi_tables.cpp puts it in the place of these numbers.
            Name (_PRT, Package ()
            {
                Package () { 0x0001FFFF, 0, 0, 0xC1010001 },
                Package () { 0x0002FFFF, 0, 0, 0xC1010002 },
                Package () { 0x0003FFFF, 0, 0, 0xC1010003 },
                Package () { 0x0004FFFF, 0, 0, 0xC1010004 },
                Package () { 0x0005FFFF, 0, 0, 0xC1010005 },
                Package () { 0x0006FFFF, 0, 0, 0xC1010006 },
                Package () { 0x0007FFFF, 0, 0, 0xC1010007 },
                Package () { 0x0008FFFF, 0, 0, 0xC1010008 },
                Package () { 0x0009FFFF, 0, 0, 0xC1010009 },
                Package () { 0x000AFFFF, 0, 0, 0xC101000A },
                Package () { 0x000BFFFF, 0, 0, 0xC101000B },
                Package () { 0x000CFFFF, 0, 0, 0xC101000C },
                Package () { 0x000DFFFF, 0, 0, 0xC101000D },
                Package () { 0x000EFFFF, 0, 0, 0xC101000E },
                Package () { 0x000FFFFF, 0, 0, 0xC101000F },
                Package () { 0x0010FFFF, 0, 0, 0xC1010010 },
                Package () { 0x0011FFFF, 0, 0, 0xC1010011 },
                Package () { 0x0012FFFF, 0, 0, 0xC1010012 },
                Package () { 0x0013FFFF, 0, 0, 0xC1010013 },
                Package () { 0x0014FFFF, 0, 0, 0xC1010014 },
                Package () { 0x0015FFFF, 0, 0, 0xC1010015 },
                Package () { 0x0016FFFF, 0, 0, 0xC1010016 },
                Package () { 0x0017FFFF, 0, 0, 0xC1010017 },
                Package () { 0x0018FFFF, 0, 0, 0xC1010018 },
                Package () { 0x0019FFFF, 0, 0, 0xC1010019 },
                Package () { 0x001AFFFF, 0, 0, 0xC101001A },
                Package () { 0x001BFFFF, 0, 0, 0xC101001B },
                Package () { 0x001CFFFF, 0, 0, 0xC101001C },
                Package () { 0x001DFFFF, 0, 0, 0xC101001D },
                Package () { 0x001EFFFF, 0, 0, 0xC101001E },
                Package () { 0x001FFFFF, 0, 0, 0xC101001F }
            })
#endif

            // The operating system gets no control over PCI Express features: there are no native
            // hot-plug, power-management or error events here (PCI Firmware 3.2, 4.5.1).
            Method (_OSC, 4)
            {
                CreateDWordField (Arg3, 0, STS0)
                If (Arg0 == ToUUID ("33DB4D5B-1FF7-401C-9657-7441C03DD766"))
                {
                    CreateDWordField (Arg3, 8, CTRL)
                    If (CTRL != 0)
                    {
                        CTRL = 0
                        STS0 |= 0x10 // capabilities masked
                    }
                }
                Else
                {
                    STS0 |= 0x04 // unrecognised UUID
                }
                Return (Arg3)
            }
        }

        Device (COM1)
        {
            Name (_HID, EisaId ("PNP0501"))
            Name (_UID, 1)
            Name (_CRS, ResourceTemplate ()
            {
                IO (Decode16, COM1_PORT, COM1_PORT, 1, 8)
                IRQNoFlags () { COM1_IRQ }
            })
        }

        Device (RTC0)
        {
            Name (_HID, EisaId ("PNP0B00"))
            Name (_CRS, ResourceTemplate ()
            {
                IO (Decode16, RTC_PORT, RTC_PORT, 1, 2)
                IRQNoFlags () { RTC_IRQ }
            })
        }

        // Keeps the operating system from putting anything on these places.
        Device (MBRD)
        {
            Name (_HID, EisaId ("PNP0C02"))
            Name (_UID, 0)
            Name (_CRS, ResourceTemplate ()
            {
                IO (Decode16, PM1_EVENT, PM1_EVENT, 1, PM_SIZE)
                Memory32Fixed (ReadWrite, ECAM_BASE, ECAM_SIZE)
            })
        }
    }
}
