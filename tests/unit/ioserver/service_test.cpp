// SPDX-License-Identifier: Apache-2.0
// Texts of services: one meaning has one text, and nothing else is taken.
#include "firmware/abi/service.hpp"

#include <gtest/gtest.h>

#include <string>

namespace cloison::abi {
namespace {

template <typename Service>
std::string round_trip(std::string_view text) {
    static ServiceRoom room;
    auto service = parse_service<Service>(text, room);
    if (!service)
        return "refused";
    std::array<char, max_service_text> written{};
    return std::string(format_service(*service, written).value_or("no room"));
}

TEST(ServiceText, Disk) {
    constexpr std::string_view text =
        "disk client=alpha name=alpha.disk0 volume=root backing=file:/srv/a%20b.img "
        "size=67108864 read-only=no serial=S1";
    static ServiceRoom room;
    auto disk = parse_service<DiskService>(text, room);
    ASSERT_TRUE(disk);
    EXPECT_EQ(disk->client, "alpha");
    EXPECT_EQ(disk->name, "alpha.disk0");
    EXPECT_EQ(disk->volume, "root");
    EXPECT_EQ(disk->backing, "file:/srv/a b.img");
    EXPECT_EQ(disk->size, 64 * mib);
    EXPECT_FALSE(disk->read_only);
    EXPECT_EQ(disk->serial, "S1");
    EXPECT_EQ(round_trip<DiskService>(text), text);
}

TEST(ServiceText, PortConsolesSwitch) {
    for (std::string_view text :
         {"port client=a name=a.net0 switch=lan mac=52:54:00:12:34:fe vlan=0 trunk=no",
          "port client=a name=a.net0 switch=lan mac=02:00:00:00:00:00 vlan=4094 trunk=yes"})
        EXPECT_EQ(round_trip<PortService>(text), text);
    EXPECT_EQ(round_trip<ConsolesService>("consoles client=a name=a ports=2"),
              "consoles client=a name=a ports=2");
    for (std::string_view text : {"switch name=lan", "switch name=lan uplink=0000:00:03.0 slot=2",
                                  "switch name=lan slot=3"})
        EXPECT_EQ(round_trip<SwitchService>(text), text);
}

/// The planner may make texts when it is compiled.
constexpr bool formats_at_compile_time() {
    std::array<char, 64> room{};
    return format_service(SwitchService{"a b%", "", 0}, room) == "switch name=a%20b%25";
}
static_assert(formats_at_compile_time());

TEST(ServiceText, RefusesAllElse) {
    for (std::string_view text :
         {"", "consoles", "disk client=a name=a ports=1", "consoles client=a name=a ports=1 ",
          "consoles  client=a name=a ports=1", "consoles name=a client=a ports=1",
          "consoles client=a name=a ports=01",
          "consoles client=a name=a ports=", "consoles client=a name=a ports=18446744073709551616",
          "consoles client=a name=a ports=-1", "consoles client=a name=a ports=1 more=2",
          "consoles client=a name=a% ports=1", "consoles client=a name=a%2 ports=1",
          "consoles client=a name=a%6a ports=1", // lower case
          "consoles client=a name=a%41 ports=1", // an escape that is not needed
          "consoles client=a name=a\tb ports=1", "consoles client=a name=a\x80 ports=1"})
        EXPECT_EQ(round_trip<ConsolesService>(text), "refused") << text;
    for (std::string_view mac : {"52:54:00:12:34", "52:54:00:12:34:5", "52-54-00-12-34-56",
                                 "52:54:00:12:34:FE", "52:54:00:12:34:56:78"})
        EXPECT_EQ(round_trip<PortService>("port client=a name=b switch=c mac=" + std::string(mac) +
                                          " vlan=0 trunk=no"),
                  "refused")
            << mac;
    EXPECT_EQ(round_trip<PortService>(
                  "port client=a name=b switch=c mac=52:54:00:12:34:56 vlan=0 trunk=maybe"),
              "refused");
    EXPECT_EQ(round_trip<SwitchService>("switch name=lan uplink= slot=2"), "refused");
    EXPECT_EQ(round_trip<SwitchService>("switch name=lan slot=0"), "refused");
    std::string longest = "consoles client=" + std::string(max_service_text, 'a');
    EXPECT_EQ(round_trip<ConsolesService>(longest + " name=a ports=1"), "refused");
}

TEST(ServiceText, SaysWhenThereIsNoRoom) {
    std::array<char, 20> room{};
    EXPECT_TRUE(format_service(SwitchService{"abcdefgh", "", 0}, room));
    EXPECT_FALSE(format_service(SwitchService{"abcdefghi", "", 0}, room));
}

} // namespace
} // namespace cloison::abi
