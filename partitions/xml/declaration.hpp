// SPDX-License-Identifier: Apache-2.0
// What stands between <? and ?>: the XML declaration, and instructions for other programs, such as
// <?xml-model?> for editors.
#pragma once

#include <string>
#include <string_view>

namespace cloison::xml {

/// White space of XML 1.0, 2.3.
inline constexpr std::string_view xml_space = " \t\r\n";

/// Why `inside` may not stand there; empty where it may. `first`: nothing is before it in the file.
std::string declaration_problem(std::string_view inside, bool first);

/// Whether UTF-8 is declared, or nothing, which is the same. `inside` has no
/// problem.
bool declares_utf8(std::string_view inside);

} // namespace cloison::xml
