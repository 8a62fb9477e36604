#pragma once

#include <string>
#include <string_view>

namespace leat {

/// A value as JSON on one line; or why there is none.
struct printed_value {
  std::string json{};
  std::string failure{}; ///< for a person, when there is no JSON

  [[nodiscard]] bool printed() const noexcept { return failure.empty(); }
};

/// Shows values that were all written with one schema, whatever is in it: for people and tools that look at what no record type
/// was made for. Belongs to one thread.
class value_printer {
public:
  /// What is longer as JSON is not shown: a few bytes may stand for millions of elements that take none.
  static constexpr std::size_t most_json = 64 << 20;

  value_printer() = default;
  value_printer(const value_printer&) = delete;
  value_printer& operator=(const value_printer&) = delete;
  virtual ~value_printer() = default;

  [[nodiscard]] virtual printed_value print(std::string_view bytes) = 0;
};

} // namespace leat
