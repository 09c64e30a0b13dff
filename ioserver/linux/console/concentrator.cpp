// SPDX-License-Identifier: Apache-2.0
#include "ioserver/linux/console/concentrator.hpp"

#include <algorithm>

namespace cloison::io {

namespace {

constexpr const char* help =
    "Ctrl-] and then: . leave, w write (takes it from who does), r read only,\r\n"
    "? who is here and this text, Ctrl-] itself\r\n";

/// Keeps the last `size` bytes.
void keep_last(std::string& text, usize size) {
    if (text.size() > size)
        text.erase(0, text.size() - size);
}

} // namespace

Concentrator::Member* Concentrator::find(Id id) {
    auto found = std::find_if(members_.begin(), members_.end(),
                              [id](const Member& member) { return member.id == id; });
    return found == members_.end() ? nullptr : &*found;
}

Concentrator::Id Concentrator::join(Client client, bool wants_to_write) {
    Id id = next_++;
    members_.push_back({id, std::move(client), wants_to_write, false, {}});
    Member& member = members_.back();
    show(member, history_);
    if (wants_to_write && writer_ == 0)
        writer_ = id;
    else if (wants_to_write)
        tell(member, "read only: " + find(writer_)->client.name + " writes (Ctrl-] ? helps)");
    return id;
}

void Concentrator::leave(Id id) {
    members_.remove_if([id](const Member& member) { return member.id == id; });
    if (writer_ != id)
        return;
    writer_ = 0;
    auto next = std::find_if(members_.begin(), members_.end(),
                             [](const Member& member) { return member.wants_to_write; });
    if (next != members_.end())
        make_writer(*next);
}

void Concentrator::output(std::string_view text) {
    history_ += text;
    keep_last(history_, history);
    for (Member& member : members_)
        show(member, text);
}

/// Output that does not fit is kept, the newest of it: a guest does not wait for a slow terminal.
void Concentrator::show(Member& member, std::string_view text) {
    usize taken = member.waiting.empty() ? member.client.write(text) : 0;
    member.waiting += text.substr(std::min(taken, text.size()));
    keep_last(member.waiting, history);
}

void Concentrator::ready(Id id) {
    if (Member* member = find(id); member != nullptr && !member->waiting.empty())
        member->waiting.erase(0, member->client.write(member->waiting));
}

usize Concentrator::type(Id id, std::string_view text) {
    usize done = 0;
    while (done < text.size()) {
        Member* member = find(id);
        if (member == nullptr) // it hung up
            return text.size();
        if (member->escaped && text[done] != escape) {
            member->escaped = false;
            command(*member, text[done++]);
            continue;
        }
        if (!member->escaped && text[done] == escape) {
            member->escaped = true;
            ++done;
            continue;
        }
        usize length = member->escaped ? 1 : std::min(text.find(escape, done), text.size()) - done;
        usize taken = id == writer_ ? input_(text.substr(done, length)) : length;
        if (taken > 0)
            member->escaped = false;
        done += taken;
        if (taken < length)
            break;
    }
    return done;
}

void Concentrator::command(Member& member, char letter) {
    switch (letter) {
    case '.':
        return member.client.hang_up();
    case 'w':
        member.wants_to_write = true;
        if (Member* writer = find(writer_); writer != nullptr && writer != &member)
            tell(*writer, "read only from now on: " + member.client.name + " writes");
        return make_writer(member);
    case 'r':
        member.wants_to_write = false;
        if (writer_ == member.id)
            writer_ = 0;
        return tell(member, "read only");
    default:
        for (const Member& other : members_)
            tell(member, other.client.name + (other.id == writer_ ? " writes" : " reads"));
        show(member, help);
    }
}

void Concentrator::make_writer(Member& member) {
    writer_ = member.id;
    tell(member, "you write");
}

void Concentrator::tell(Member& member, const std::string& text) {
    show(member, "\r\n[" + text + "]\r\n");
}

} // namespace cloison::io
