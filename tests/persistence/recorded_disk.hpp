#pragma once

#include <cstdint>
#include <functional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace leat::testing {

/// Records what is written to one file, and when it is synced, while this lives: for the images of it that a power loss may leave. The
/// C library's `pwrite`, `writev` and `fdatasync` are those of recorded_disk.cpp in this program. One at a time; one thread writes.
class recorded_disk {
public:
  /// @param file that is there already, and durable as it is.
  explicit recorded_disk(const std::string& file);
  ~recorded_disk();

  recorded_disk(const recorded_disk&) = delete;
  recorded_disk& operator=(const recorded_disk&) = delete;

  /// From now on the program has said this number.
  void say(std::uint64_t number) { said_ = number; }

  /// Images that a power loss may leave, about `most`: for some moments between two writes, what was synced until then, with some
  /// of the sectors that were written since. Sectors are written whole.
  /// @param look is given an image, and what the program had said until then.
  void images(
    std::mt19937& random, std::size_t most,
    const std::function<void(const std::string& image, std::uint64_t said)>& look) const;

  // For the functions that take the place of the C library's.
  static void on_write(int file, std::int64_t at, std::string_view bytes);
  static void on_sync(int file);

private:
  struct event {
    enum class kind { write, durable_write, sync } what;
    std::int64_t at = 0;
    std::string bytes{};
    std::uint64_t said = 0;
  };

  const std::string first_; // the file at the beginning
  std::vector<event> events_;
  std::uint64_t said_ = 0;
  std::uint64_t inode_ = 0;
};

/// So many writes that return when they are on the disk fail from now on, whatever file they are of: LMDB's last of a transaction.
void fail_durable_writes(int count);

} // namespace leat::testing
