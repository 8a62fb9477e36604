#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

namespace leat::cli {

/// "123,456 records sent, 45,000/s" on standard error, while work takes long: drawn over again and again, from the first second on,
/// if that is a terminal and the results do not go there as well.
class progress_line {
public:
  /// @param what "records sent". @param prints whether results go to standard output meanwhile.
  progress_line(std::string_view what, bool prints);
  progress_line(const progress_line&) = delete;
  progress_line& operator=(const progress_line&) = delete;
  ~progress_line() { clear(); }

  void show(std::uint64_t count);

  /// Removes it, before something else is written there.
  void clear();

private:
  using clock = std::chrono::steady_clock;

  const std::string_view what_;
  const bool on_;
  const clock::time_point start_ = clock::now();
  clock::time_point next_ = start_ + std::chrono::seconds{1};
  bool drawn_ = false;
};

} // namespace leat::cli
