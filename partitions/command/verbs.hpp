// SPDX-License-Identifier: Apache-2.0
// The verbs that need no machine. `arguments` are those behind the verb; the exit status is
// returned.
#pragma once

#include "partitions/result/diagnostic.hpp"

#include <string>
#include <vector>

namespace cloison::command {

/// `cloison check LAYOUT…`: everything that is wrong with layouts.
int check(const std::vector<std::string>& arguments);

/// `cloison explain RULE…`: what rules stand for.
int explain(const std::vector<std::string>& arguments);

/// `cloison schema KIND`: the XML schema of layouts or platforms.
int schema(const std::vector<std::string>& arguments);

/// `cloison diff LAYOUT LAYOUT`: what changes from one layout to another, and what that takes.
int diff(const std::vector<std::string>& arguments);

/// `cloison export LAYOUT`: the plan as a layout with every choice made.
int export_plan(const std::vector<std::string>& arguments);

/// `cloison show LAYOUT`: what each partition gets, and where every byte of RAM goes, as text,
/// JSON or a picture.
int show(const std::vector<std::string>& arguments);

/// Prints findings to standard error, in colour where that is a terminal.
void print_findings(const Diagnostics& findings);

} // namespace cloison::command
