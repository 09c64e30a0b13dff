// SPDX-License-Identifier: Apache-2.0
// Good files made a little wrong, or other but still good: at random, the same for the same seed.
#pragma once

#include "firmware/abi/types.hpp"

#include <random>
#include <string>
#include <utility>
#include <vector>

namespace cloison::test {

/// An XML element, simple enough to be changed at will; an attribute may be there twice.
struct Element {
    std::string name;
    std::vector<std::pair<std::string, std::string>> attributes;
    std::vector<Element> children;
    std::string text; // in front of the children

    [[nodiscard]] std::string print() const;
};

/// The elements and attributes of a well-formed text.
Element read_element(const std::string& text);

class Mutator {
  public:
    explicit Mutator(u32 seed) : random_(seed) {}

    /// `good` with one to three changes.
    Element mutant(const Element& good);

    /// `good` with one to three characters lost, doubled, exchanged or put in.
    std::string damaged(std::string good);

  private:
    void change(Element& root);
    void change_attributes(Element& element, const Element& other);
    void change_children(Element& element, Element& other);
    std::string near_miss();
    std::string misspelt(std::string word);
    usize below(usize limit) { return std::uniform_int_distribution<usize>(0, limit - 1)(random_); }
    template <typename T>
    auto& one_of(T& things) {
        return things[below(std::size(things))];
    }

    std::mt19937 random_;
};

} // namespace cloison::test
