// SPDX-License-Identifier: Apache-2.0
#include "partitions/run/consoles.hpp"

#include "partitions/run/error.hpp"

namespace cloison::run {

std::vector<ConsoleName> console_names(std::span<const Expectation> partitions) {
    std::vector<ConsoleName> names{{0, "firmware.log"}};
    for (const Expectation& partition : partitions)
        if (partition.channel != 0 && partition.channel < served_channels)
            names.push_back({partition.channel, partition.name + ".console"});
    return names;
}

Consoles::Consoles(const std::filesystem::path& folder, std::span<const ConsoleName> names,
                   LineUse use)
    : use_(use) {
    for (const auto& [channel, name] : names) {
        std::ofstream& file = files_[channel];
        file.open(folder / name, std::ios::binary);
        if (!file)
            throw system_error("cannot write " + (folder / name).string());
        guest_channel_ = channel;
    }
}

u32 Consoles::channel_of(u8 byte, bool& valid) {
    valid = true;
    if (use_ != LineUse::one_guest) {
        auto output = demux_.feed(byte);
        valid = output.valid;
        return output.channel + (use_ == LineUse::served ? served_channels : 0);
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
    u32 current = use_ == LineUse::served ? served_channels : 0;
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

std::string Consoles::encode(u32 channel, char key) {
    if (use_ == LineUse::one_guest)
        return {key};
    u32 on_line = use_ == LineUse::served ? channel - served_channels : channel;
    auto sequence = mux_.encode(on_line, static_cast<u8>(key));
    return {reinterpret_cast<const char*>(sequence.bytes), sequence.count};
}

} // namespace cloison::run
