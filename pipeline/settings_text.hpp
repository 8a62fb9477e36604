#pragma once

#include <leat/base/settings.hpp>
#include <leat/pipeline/known_settings.hpp>

#include <string>

namespace leat {

/// Every known key with its default, the values it takes and its summary, for `--help`.
[[nodiscard]] std::string describe_settings(const known_settings& known);

/// Every setting in effect with its origin, as a YAML file that `--config` reads back: what `--print-config` shows.
/// The values of keys that look like secrets (passwords, tokens, private keys) are replaced by asterisks.
[[nodiscard]] std::string print_settings(const settings& effective);

} // namespace leat
