#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

namespace leat {

/// Tells whether bytes of a file are still those that they were: XXH3, 64 bits, the same on every machine.
[[nodiscard]] std::uint64_t content_hash(std::string_view bytes) noexcept;

/// The same of bytes that come in pieces. Belongs to one thread.
class running_hash {
public:
  running_hash();
  running_hash(running_hash&&) noexcept;
  running_hash& operator=(running_hash&&) noexcept;
  ~running_hash();

  void add(std::string_view bytes) noexcept;
  [[nodiscard]] std::uint64_t value() const noexcept;

private:
  struct state;
  std::unique_ptr<state> state_;
};

} // namespace leat
