#pragma once

#include <unistd.h>

#include <utility>

namespace leat {

/// A file descriptor that is closed with its owner.
class open_file {
public:
  open_file() = default;
  explicit open_file(int descriptor) noexcept : descriptor_{descriptor} {}
  open_file(open_file&& other) noexcept : descriptor_{std::exchange(other.descriptor_, -1)} {}
  open_file& operator=(open_file&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  ~open_file() { close(); }

  void close() noexcept {
    if (descriptor_ >= 0)
      ::close(std::exchange(descriptor_, -1));
  }

  [[nodiscard]] int get() const noexcept { return descriptor_; }
  explicit operator bool() const noexcept { return descriptor_ >= 0; }

private:
  int descriptor_ = -1;
};

} // namespace leat
