// SPDX-License-Identifier: Apache-2.0
// A picture read back: its shapes, and where they are.
#pragma once

#include "partitions/picture/picture.hpp"
#include "partitions/picture/svg.hpp"

#include <memory>
#include <string>
#include <vector>

namespace tinyxml2 {
class XMLDocument;
}

namespace cloison::test {

struct Shape {
    picture::Box box;
    std::string paint;
    std::string words; // of a text, or of the tip of a rectangle
};

struct Drawing {
    bool well_formed = false;
    double width = 0, height = 0;
    std::vector<Shape> rects, texts; // as they come
};

Drawing read_drawing(const std::string& svg);

/// The rectangles whose tip begins with `words`.
std::vector<Shape> with_tip(const Drawing& drawing, const std::string& words);

/// A platform of so many packages, each with so many cores of two threads and a node of its own,
/// and 4 GiB of RAM for each node.
std::string platform_xml(usize packages, usize cores);
/// Client partitions on it, a switch for all.
std::string layout_xml(usize partitions, usize cpus, u64 mebibytes);

} // namespace cloison::test
