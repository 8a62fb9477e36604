#pragma once

#include <leat/pipeline/console.hpp>

#include <cstdio>
#include <string>
#include <unistd.h>

namespace leat::testing {

/// A console whose output a test reads.
class printed_text {
public:
  printed_text() : file_{std::tmpfile()}, console_{fileno(file_), fileno(file_)} {}
  ~printed_text() { std::fclose(file_); }

  printed_text(const printed_text&) = delete;
  printed_text& operator=(const printed_text&) = delete;

  [[nodiscard]] console& to() noexcept { return console_; }

  /// All that was printed so far.
  [[nodiscard]] std::string text() const {
    std::string all(1 << 20, '\0');
    const auto n = pread(fileno(file_), all.data(), all.size(), 0);
    all.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
    return all;
  }

private:
  std::FILE* file_;
  console console_;
};

} // namespace leat::testing
