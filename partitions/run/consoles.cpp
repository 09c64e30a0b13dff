// SPDX-License-Identifier: Apache-2.0
#include "partitions/run/consoles.hpp"

#include "partitions/run/error.hpp"

namespace cloison::run {

Consoles::Consoles(const std::filesystem::path& folder, std::span<const Expectation> partitions,
                   LineUse use)
    : use_(use) {
    auto add = [&](u32 channel, const std::string& name) {
        std::ofstream& file = files_[channel];
        file.open(folder / name, std::ios::binary);
        if (!file)
            throw system_error("cannot write " + (folder / name).string());
    };
    add(0, "firmware.log");
    for (const Expectation& partition : partitions)
        if (partition.channel != 0)
            add(guest_channel_ = partition.channel, partition.name + ".console");
}

u32 Consoles::channel_of(u8 byte, bool& valid) {
    valid = true;
    if (use_ == LineUse::multiplexed) {
        auto output = demux_.feed(byte);
        valid = output.valid;
        return output.channel;
    }
    if (guest_runs_)
        return guest_channel_;
    log_line_ += static_cast<char>(byte);
    if (byte == '\n') {
        guest_runs_ = log_line_.starts_with("@started ");
        log_line_.clear();
    }
    return 0;
}

void Consoles::feed(std::string_view bytes, const Sink& sink) {
    u32 current = 0;
    for (char c : bytes) {
        bool valid = false;
        u32 channel = channel_of(static_cast<u8>(c), valid);
        if (channel != current) {
            deliver(current, run_, sink);
            run_.clear();
            current = channel;
        }
        if (valid)
            run_ += c;
    }
    deliver(current, run_, sink);
    run_.clear();
}

void Consoles::deliver(u32 channel, std::string_view bytes, const Sink& sink) {
    if (bytes.empty())
        return;
    if (auto file = files_.find(channel); file != files_.end()) {
        file->second.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
        file->second.flush(); // people follow these files
    }
    sink(channel, bytes);
}

} // namespace cloison::run
