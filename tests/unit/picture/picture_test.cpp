// SPDX-License-Identifier: Apache-2.0
// Pictures of small and of huge machines: well-formed, nothing off the page, no text over another.
#include "tests/unit/partitions/expectations.hpp"
#include "tests/unit/partitions/test_share.hpp"
#include "tests/unit/picture/drawing.hpp"

#include "partitions/picture/text_width.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace cloison::test {
namespace {

std::string all_text(const Diagnostics& findings) {
    std::string all;
    for (const Diagnostic& finding : findings.list())
        all += to_text(finding, false);
    return all;
}

void expect_on_page(const std::vector<Shape>& shapes, const Drawing& drawing) {
    constexpr double rounding = 0.02;
    for (const Shape& shape : shapes) {
        EXPECT_GE(shape.box.x, 0) << shape.words;
        EXPECT_GE(shape.box.y, 0) << shape.words;
        EXPECT_LE(shape.box.right(), drawing.width + rounding) << shape.words;
        EXPECT_LE(shape.box.bottom(), drawing.height + rounding) << shape.words;
    }
}

bool overlap(const picture::Box& a, const picture::Box& b) {
    constexpr double rounding = 0.02;
    return a.x + rounding < b.right() && b.x + rounding < a.right() &&
           a.y + rounding < b.bottom() && b.y + rounding < a.bottom();
}

/// Sweeps down the page with those texts that are not passed yet.
void expect_apart(std::vector<Shape> texts) {
    std::sort(texts.begin(), texts.end(),
              [](const Shape& a, const Shape& b) { return a.box.y < b.box.y; });
    std::vector<const Shape*> open;
    for (const Shape& text : texts) {
        std::erase_if(open, [&](const Shape* o) { return o->box.bottom() <= text.box.y; });
        for (const Shape* other : open)
            EXPECT_FALSE(overlap(text.box, other->box)) << text.words << " over " << other->words;
        open.push_back(&text);
    }
}

class Picture : public testing::Test {
  protected:
    std::string draw_file(const std::filesystem::path& file) {
        Compilation compilation = compile(file, Purpose::model);
        EXPECT_TRUE(compilation.ok()) << all_text(compilation.diagnostics);
        return compilation.ok() ? picture::draw(*compilation.value) : "";
    }

    std::string draw_text(const std::string& platform, const std::string& layout) {
        std::ofstream(share_.path() / "platform.xml") << platform;
        std::ofstream(share_.path() / "layout.xml") << layout;
        return draw_file(share_.path() / "layout.xml");
    }

    static Drawing expect_fair(const std::string& svg) {
        Drawing drawing = read_drawing(svg);
        EXPECT_TRUE(drawing.well_formed);
        EXPECT_EQ(drawing.width, picture::page);
        expect_on_page(drawing.rects, drawing);
        expect_on_page(drawing.texts, drawing);
        expect_apart(drawing.texts);
        return drawing;
    }

    TestShare share_;
};

TEST_F(Picture, OfEverySampleIsFair) {
    for (const std::string& name : sample_names(samples())) {
        SCOPED_TRACE(name);
        Compilation compilation = compile(samples() / (name + ".xml"), Purpose::model);
        if (compilation.ok())
            expect_fair(picture::draw(*compilation.value));
    }
}

TEST_F(Picture, OfMachinesOfAnySizeIsFair) {
    struct Case {
        usize packages, cores, partitions, cpus;
        u64 mebibytes;
    };
    for (const Case& c : {Case{1, 1, 1, 1, 32}, Case{2, 8, 16, 2, 256}, Case{4, 7, 24, 1, 34},
                          Case{16, 4, 61, 2, 64}, Case{60, 2, 100, 2, 64}}) {
        SCOPED_TRACE(std::to_string(c.packages * c.cores * 2) + " CPUs");
        Drawing drawing = expect_fair(draw_text(platform_xml(c.packages, c.cores),
                                                layout_xml(c.partitions, c.cpus, c.mebibytes)));
        EXPECT_EQ(with_tip(drawing, "CPU ").size(), c.packages * c.cores * 2);
    }
}

TEST_F(Picture, OfThousandPartitionsHasThemAll) {
    std::string svg = draw_text(platform_xml(16, 128), layout_xml(1000, 4, 32));
    Drawing drawing = expect_fair(svg);
    EXPECT_EQ(with_tip(drawing, "CPU ").size(), 4096u);
    EXPECT_LT(svg.size(), 2 * mib);
    for (usize i = 0; i < 1000; ++i) {
        std::string name = "p" + std::to_string(i);
        EXPECT_EQ(with_tip(drawing, name + " (").size(), 1u) << name;
    }
}

std::string number(usize value) {
    return "\"" + std::to_string(value) + "\"";
}

/// `count` CPUs whose other attributes are what `place` says.
template <typename F>
std::string odd_platform(usize count, F&& place, const std::string& ram) {
    std::string text = "<platform name=\"a-name-of-thirty-one-characters\" large-pages-1g=\"no\">";
    for (usize i = 0; i < count; ++i)
        text += "<processor apic-id=" + number(4294900000 + i) + " " + place(i) + "/>";
    return text + "<ram base=\"1MiB\" size=\"2047MiB\"/>" + ram +
           "<firmware base=\"2MiB\" size=\"256MiB\"/><staging base=\"0x78000000\" "
           "size=\"64MiB\"/></platform>";
}

TEST_F(Picture, OfOddMachinesIsFair) {
    auto alone = [](usize i) { return "package=" + number(i); };
    auto together = [](usize i) { return "core=\"0\" thread=" + number(i); };
    std::string ranges, nodes = "<node id=\"0\"/>";
    for (usize i = 1; i < 60; ++i) {
        ranges += "<ram base=\"" + std::to_string(4 * i) + "GiB\" size=" + "\"" +
                  std::to_string(i * 8) + "KiB\" node=" + number(i) + "/>";
        nodes += "<node id=" + number(i) + "/>";
    }
    std::string layout = layout_xml(3, 5, 64);
    EXPECT_EQ(
        with_tip(expect_fair(draw_text(odd_platform(4096, alone, ""), layout)), "CPU ").size(),
        4096u);
    EXPECT_EQ(
        with_tip(expect_fair(draw_text(odd_platform(256, together, ""), layout)), "CPU ").size(),
        256u);
    Drawing drawing = expect_fair(draw_text(odd_platform(32, alone, nodes + ranges), layout));
    EXPECT_EQ(with_tip(drawing, "no whole page of 2 MiB").size(), 60u); // one is from 1 MiB on
}

TEST_F(Picture, OfMuchThatIsServedIsFair) {
    std::string layout = "<layout name=\"much\" platform=\"platform.xml\">", volumes, partitions;
    for (usize i = 0; i < 90; ++i) {
        std::string name = "partition-with-thirty-chars-" + std::to_string(100 + i);
        bool serves = i < 30;
        layout += "<pool name=\"pool-" + std::to_string(i) + "\" desired=\"1\"/>";
        if (serves)
            volumes += "<switch name=\"s" + std::to_string(i) + "\" server=\"" + name + "\"/>";
        if (serves)
            for (usize v = 0; v < 4; ++v)
                volumes += "<volume name=\"v" + std::to_string(4 * i + v) + "\" server=\"" + name +
                           "\" size=\"8GiB\" shareable=\"yes\" backing=\"file:&lt;&amp;" +
                           std::string(200, 'w') + "\"/>";
        partitions += "<partition name=\"" + name + "\" role=\"" +
                      (serves ? "io-server" : "client") +
                      "\"><processors mode=\"shared\" pool=\"pool-" + std::to_string(i) +
                      "\" virtual-processors=\"1\" entitlement=\"0.5\"/><memory "
                      "desired=\"32MiB\"/>";
        if (!serves)
            partitions += "<disk volume=\"v" + std::to_string(i) + "\"/><disk volume=\"v" +
                          std::to_string(i * 7 % 120) + "\"/><console type=\"virtio\" server=\"" +
                          "partition-with-thirty-chars-" + std::to_string(100 + i % 30) + "\"/>";
        partitions += "<boot kind=\"linux\" kernel=\"guest:test/vmlinuz\"/></partition>";
    }
    Drawing drawing =
        expect_fair(draw_text(platform_xml(1, 64), layout + volumes + partitions + "</layout>"));
    // A card and a block of memory for each; servers are one box, and so are clients.
    EXPECT_EQ(with_tip(drawing, "partition-with-thirty-chars-").size(), 90u + 90u + 2u);
    auto texts = [&](const std::string& words) {
        return std::count_if(drawing.texts.begin(), drawing.texts.end(),
                             [&](const Shape& text) { return text.words == words; });
    };
    EXPECT_EQ(texts("30 partitions"), 1);
    EXPECT_EQ(texts("120 volumes"), 1);
    EXPECT_EQ(texts("30 switches"), 1);
    EXPECT_EQ(texts("60 partitions"), 1);
}

TEST_F(Picture, IsTheSameEachTime) {
    EXPECT_EQ(draw_file(samples() / "good-everything.xml"),
              draw_file(samples() / "good-everything.xml"));
}

TEST_F(Picture, NeedsNothingFromElsewhere) {
    std::string svg = draw_file(samples() / "good-everything.xml");
    EXPECT_NE(svg.find("prefers-color-scheme:dark"), std::string::npos);
    for (const char* stranger : {"<script", "href", "@import", "@font-face", "<image", "onload"})
        EXPECT_EQ(svg.find(stranger), std::string::npos) << stranger;
    usize addresses = 0;
    for (usize at = 0; (at = svg.find("http", at)) != std::string::npos; ++at)
        ++addresses;
    EXPECT_EQ(addresses, 1u); // the name of SVG
}

TEST_F(Picture, KeepsHostileTextAsText) {
    std::string layout = layout_xml(1, 1, 32);
    std::string hostile = "&lt;/title&gt;&lt;script&gt;alert(1)&lt;/script&gt; &quot;&amp;amp;'";
    layout.insert(layout.find("kernel="), "command-line=\"" + hostile + "\" ");
    std::string svg = draw_text(platform_xml(1, 1), layout);
    EXPECT_EQ(svg.find("<script"), std::string::npos);
    Drawing drawing = expect_fair(svg);
    auto cards = with_tip(drawing, "p0 (");
    ASSERT_EQ(cards.size(), 1u);
    EXPECT_TRUE(cards[0].words.ends_with("</title><script>alert(1)</script> \"&amp;'"))
        << cards[0].words;
}

TEST(Fit, ShortensAtCharactersAndNeverIsTooWide) {
    using picture::fit;
    EXPECT_EQ(fit("alpha", 100, 10), "alpha");
    EXPECT_EQ(fit("alpha", 3, 10), "");
    for (const char* text : {"a-name-of-some-length", "ÄÖÜÄÖÜÄÖÜÄÖÜ", "日本語日本語日本語"}) {
        for (double width = 0; width < 200; width += 3) {
            std::string shown = fit(text, width, 10);
            EXPECT_LE(picture::text_width(shown, 10), std::max(width, 0.0)) << shown;
            EXPECT_TRUE(shown.empty() || shown == text || shown.ends_with("…")) << shown;
        }
    }
}

TEST(About, RoundsToTenths) {
    EXPECT_EQ(picture::about(0), "0 bytes");
    EXPECT_EQ(picture::about(4 * gib), "4GiB");
    EXPECT_EQ(picture::about(1536 * mib), "1.5GiB");
    EXPECT_EQ(picture::about(1048124 * kib), "1023.6MiB");
}

} // namespace
} // namespace cloison::test
