// SPDX-License-Identifier: Apache-2.0
// One console for many people: all read it, one writes, and the one who writes can be told to go.
//
// The escape is Ctrl-] as in telnet, with one letter behind it; Ctrl-] twice is the character
// itself.
#pragma once

#include "firmware/abi/types.hpp"

#include <functional>
#include <list>
#include <span>
#include <string>
#include <string_view>

namespace cloison::io {

class Concentrator {
  public:
    static constexpr char escape = 0x1D; // Ctrl-]
    /// What a reader that falls behind may miss at most, and what one who joins gets to see.
    static constexpr usize history = 4096;

    /// A person, or a file. Output is handed over by `write`, which takes what it can and gives how
    /// many bytes that was; `hang_up` is called when the person wants to go.
    struct Client {
        std::string name;
        std::function<usize(std::string_view)> write;
        std::function<void()> hang_up;
    };
    using Id = u32;

    /// `input` gets what the writer types, and gives how many bytes of it the guest took.
    explicit Concentrator(std::function<usize(std::string_view)> input)
        : input_(std::move(input)) {}

    /// Joins, and is shown the history. The first who wants to write is the writer; who does not,
    /// as a log file, only reads.
    Id join(Client client, bool wants_to_write);
    void leave(Id id);

    /// What the guest says, for everyone. It never waits for a reader.
    void output(std::string_view text);
    /// What a client types. Gives how many bytes were taken; the rest is to be offered again.
    usize type(Id id, std::string_view text);
    /// A client takes more.
    void ready(Id id);
    [[nodiscard]] bool is_writer(Id id) const { return id == writer_; }

  private:
    struct Member {
        Id id = 0;
        Client client;
        bool wants_to_write = false;
        bool escaped = false; // the escape came last
        std::string waiting;  // output that it has not taken
    };

    Member* find(Id id);
    void show(Member& member, std::string_view text);
    void command(Member& member, char letter);
    void tell(Member& member, const std::string& text);
    void make_writer(Member& member);

    std::function<usize(std::string_view)> input_;
    std::list<Member> members_;
    std::string history_;
    Id next_ = 1;
    Id writer_ = 0; // 0: nobody
};

} // namespace cloison::io
