// SPDX-License-Identifier: Apache-2.0
// A manifest becomes partitions: judged, compared with the machine, given memory, CPUs and images.
#pragma once

#include "firmware/abi/manifest_view.hpp"
#include "firmware/abi/rules.hpp"
#include "firmware/vtx/processor.hpp"
#include "firmware/x86/acpi.hpp"
#include "firmware/x86/multiboot.hpp"

namespace cloison::vtx {

/// What the firmware found out before it looks at the manifest.
struct MachineState {
    x86::BootInformation& loader;
    const x86::AcpiTables& acpi;
    const Capabilities& capabilities;
    u64 tsc_hz;
    u64 epoch;
    u64 image_base, image_end; // of the firmware itself
};

class Activation {
  public:
    explicit Activation(const MachineState& machine) : machine_(machine) {}

    /// Verifies the manifest and the modules, and makes every partition's objects. Nothing runs
    /// yet.
    abi::Verdict build();
    /// Brings up every CPU that a partition has.
    abi::Verdict start_processors();
    /// Starts the partitions; returns when this CPU's own, if it has one, has stopped.
    void run();

    /// Bytes: the image and what was allotted.
    [[nodiscard]] u64 memory_used() const;

  private:
    [[nodiscard]] abi::Verdict check_machine() const;
    [[nodiscard]] abi::Verdict check_images() const;
    [[nodiscard]] bool is_usable_ram(const Extent& wanted) const;
    [[nodiscard]] bool gib_pages() const;
    [[nodiscard]] std::span<const u8> image(u32 index) const;
    [[nodiscard]] u32 predecessors(const abi::PartitionRecord& record) const;
    abi::Verdict build_partition(u32 index);
    bool build_processors(const abi::PartitionRecord& record, Guest& guest);
    abi::Verdict build_servers();
    [[nodiscard]] abi::Verdict check_resources() const;
    [[nodiscard]] bool is_firmwares(const abi::ResourceRecord& resource) const;

    MachineState machine_;
    abi::ManifestView manifest_;
    Guest* guests_ = nullptr;         // a list, newest first
    Processor* processors_ = nullptr; // the same
    Processor* own_ = nullptr;        // of the CPU that boots
};

} // namespace cloison::vtx
