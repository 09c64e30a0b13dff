// SPDX-License-Identifier: Apache-2.0
// Our end of the emulated machine's COM1. Whatever the kind, no byte is lost: the emulator waits
// while we are slow.
#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace cloison::run {

/// A descriptor that closes itself.
class Descriptor {
  public:
    explicit Descriptor(int value = -1) : value_(value) {}
    ~Descriptor() { reset(); }
    Descriptor(Descriptor&& other) noexcept : value_(std::exchange(other.value_, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        reset(std::exchange(other.value_, -1));
        return *this;
    }
    [[nodiscard]] int get() const { return value_; }
    void reset(int value = -1);

  private:
    int value_;
};

class SerialLine {
  public:
    /// For Bochs, output only: a FIFO that its mode "file" writes to. Measured against its sockets:
    /// those poll the host for input 11,500 times an emulated second.
    static SerialLine fifo(const std::filesystem::path& path);
    /// For Bochs, both directions: it connects to a TCP port on the loopback. Its mode "term" would
    /// do without, but drops what a full pseudo-terminal does not take (iodev/serial.cc, 2.7).
    static SerialLine socket();
    /// For QEMU, both directions: far_end() is to be its standard input and output.
    static SerialLine pair();

    /// The mode and device of com1 in bochsrc.
    [[nodiscard]] const std::string& bochs_option() const { return bochs_option_; }
    [[nodiscard]] int far_end() const { return far_end_.get(); }
    /// To be called once the child has its copy, so that its end shows.
    void close_far_end() { far_end_.reset(); }

    /// What to poll for input: the line, or where it is still to be connected.
    [[nodiscard]] int descriptor() const;
    /// Reads what is there: the bytes, an empty text where there are none now, none where the far
    /// end is closed for good.
    std::optional<std::string_view> read(std::span<char> buffer);
    /// Sends what the line takes now; returns the number of bytes. 0 on lines without input.
    std::size_t write(std::string_view bytes);
    [[nodiscard]] bool connected() const { return line_.get() >= 0; }

  private:
    Descriptor line_, listener_, far_end_;
    bool has_input_ = false;
    std::string bochs_option_;
};

} // namespace cloison::run
