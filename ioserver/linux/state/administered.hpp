// SPDX-License-Identifier: Apache-2.0
// What a server that runs can be asked, and told.
#pragma once

#include "ioserver/linux/console/concentrator.hpp"

#include <vector>

namespace cloison::io {

class Administered {
  public:
    virtual ~Administered() = default;

    [[nodiscard]] virtual std::vector<std::string> console_names() const = 0;
    /// Null where there is no such console.
    [[nodiscard]] virtual Concentrator* find_console(const std::string& name) = 0;
    /// A line for each thing that is counted: what it is, its name, key=value pairs.
    [[nodiscard]] virtual std::string statistics() const = 0;
    /// False where there is no such network device.
    [[nodiscard]] virtual bool set_link(const std::string& name, bool up) = 0;
};

} // namespace cloison::io
