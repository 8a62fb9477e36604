#pragma once

#include <string>
#include <string_view>

namespace leat {

/// Why a record is refused, put together from the inside out: what is wrong is said where it is found, and each caller adds where that
/// is in what it reads or writes: `return value(…) || within("price")`. For a decoder or encoder to derive from.
class refusal {
protected:
  /// Begins anew. @returns false
  bool refuse(std::string what);

  /// What was refused lies inside of `segment`: a field's name, or an element's place as "[2]". @returns false
  bool within(std::string_view segment);

  /// For a person, one line of valid UTF-8: "field `items[2].price`: 7 does not fit into int8".
  [[nodiscard]] std::string reason() const;

private:
  std::string path_; // of the refused field; empty: it is the record as a whole
  std::string what_;
};

} // namespace leat
