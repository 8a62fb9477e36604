#pragma once

#include <string_view>

namespace leat {

/// A text file compiled into the program by `leat_embed(target file symbol)` of `cmake/embed.cmake`.
/// The symbol is declared where it is used: `namespace leat::embedded { extern const embedded_file fraud_alerts; }`.
struct embedded_file {
  std::string_view name; ///< without folders: "defaults.yaml"
  std::string_view text;
};

namespace embedded {

/// `config/defaults.yaml`: every setting Leat knows.
extern const embedded_file defaults;

} // namespace embedded

} // namespace leat
