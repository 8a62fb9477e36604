#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace leat::cli {

/// Reads lines from a file, a pipe or a terminal, and never waits longer than it is told: whoever asks can be interrupted.
class line_input {
public:
  enum class state {
    line,    ///< there is one
    pending, ///< none has come in time
    end,     ///< there are no more
  };

  /// A longer line is cut there, and counts as too long.
  static constexpr std::size_t longest = 64 * 1024 * 1024;

  /// @param path "-" for standard input.
  /// @throws config_error when it cannot be opened.
  explicit line_input(const std::string& path);
  line_input(const line_input&) = delete;
  line_input& operator=(const line_input&) = delete;
  ~line_input();

  /// The next line, without its end; the last one needs none.
  /// @throws state_error when it cannot be read.
  [[nodiscard]] state next(std::chrono::milliseconds patience);

  /// The line; good until the next call of `next`.
  [[nodiscard]] std::string_view line() const noexcept { return line_; }

  /// Its number, from 1 on.
  [[nodiscard]] std::uint64_t number() const noexcept { return number_; }

  /// Whether it was longer than `longest`, and is not whole.
  [[nodiscard]] bool too_long() const noexcept { return too_long_; }

private:
  bool take_line();
  bool fill(std::chrono::milliseconds patience);

  const std::string path_;
  const int fd_;
  std::string buffer_;
  std::size_t begin_ = 0;   // of what was not taken
  std::size_t scanned_ = 0; // up to here, behind `begin_`, there is no line break
  std::string_view line_;
  std::uint64_t number_ = 0;
  bool too_long_ = false;
  bool skipping_ = false; // the rest of a line that was too long
  bool ended_ = false;
};

} // namespace leat::cli
