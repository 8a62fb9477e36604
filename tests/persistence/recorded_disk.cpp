#include <leat/tests/persistence/recorded_disk.hpp>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

namespace leat::testing {

namespace {

constexpr std::size_t sector = 512;

recorded_disk* recording = nullptr;
int durable_writes_to_fail = 0;

bool is_durable(int file) { return (::fcntl(file, F_GETFL) & O_DSYNC) != 0; }

std::string contents(const std::string& file) {
  std::ifstream in{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

std::uint64_t inode_of(int file) {
  struct stat s {};
  return ::fstat(file, &s) == 0 ? s.st_ino : 0;
}

void apply(std::string& image, std::int64_t at, std::string_view bytes) {
  const auto begin = static_cast<std::size_t>(at);
  if (image.size() < begin + bytes.size())
    image.resize(begin + bytes.size());
  std::copy(bytes.begin(), bytes.end(), image.begin() + at);
}

} // namespace

recorded_disk::recorded_disk(const std::string& file) : first_{contents(file)} {
  struct stat s {};
  if (recording || ::stat(file.c_str(), &s) != 0)
    throw std::runtime_error{"nothing to record: " + file};
  inode_ = s.st_ino;
  recording = this;
}

recorded_disk::~recorded_disk() { recording = nullptr; }

void recorded_disk::on_write(int file, std::int64_t at, std::string_view bytes) {
  if (!recording || inode_of(file) != recording->inode_)
    return;
  recording->events_.push_back(
    {is_durable(file) ? event::kind::durable_write : event::kind::write, at, std::string{bytes}, recording->said_});
}

void recorded_disk::on_sync(int file) {
  if (recording && inode_of(file) == recording->inode_)
    recording->events_.push_back({event::kind::sync, 0, {}, recording->said_});
}

void recorded_disk::images(
  std::mt19937& random, std::size_t most, const std::function<void(const std::string&, std::uint64_t)>& look) const {
  auto durable = first_;
  std::vector<const event*> unsynced;
  const auto look_now = [&](std::uint64_t said) {
    if (random() % events_.size() >= most)
      return;
    auto image = durable;
    const auto share = random() % 5; // of the sectors: none, some or all
    for (const auto* w : unsynced)
      for (std::size_t from = 0; from < w->bytes.size();) {
        const auto at = w->at + static_cast<std::int64_t>(from);
        const auto count = std::min(w->bytes.size() - from, sector - static_cast<std::size_t>(at) % sector);
        if (random() % 4 < share)
          apply(image, at, std::string_view{w->bytes}.substr(from, count));
        from += count;
      }
    look(image, said);
  };
  for (const auto& e : events_) {
    look_now(e.said);
    switch (e.what) {
    case event::kind::write:
      unsynced.push_back(&e);
      break;
    case event::kind::durable_write:
      apply(durable, e.at, e.bytes);
      look_now(e.said);
      break;
    case event::kind::sync:
      for (const auto* w : unsynced)
        apply(durable, w->at, w->bytes);
      unsynced.clear();
    }
  }
}

void fail_durable_writes(int count) { durable_writes_to_fail = count; }

/// Whether this one is to fail.
static bool fails(int file) {
  if (durable_writes_to_fail == 0 || !is_durable(file))
    return false;
  --durable_writes_to_fail;
  return true;
}

} // namespace leat::testing

// These take the place of the C library's, also for LMDB.

extern "C" ssize_t pwrite(int file, const void* bytes, size_t count, off_t at) {
  if (leat::testing::fails(file)) {
    errno = EIO;
    return -1;
  }
  const auto done = syscall(SYS_pwrite64, file, bytes, count, at);
  if (done > 0)
    leat::testing::recorded_disk::on_write(file, at, {static_cast<const char*>(bytes), static_cast<std::size_t>(done)});
  return done;
}

extern "C" ssize_t writev(int file, const iovec* parts, int count) {
  const auto at = lseek(file, 0, SEEK_CUR);
  const auto done = syscall(SYS_writev, file, parts, count);
  if (done > 0 && at >= 0) {
    std::string all;
    for (int i = 0; i < count; ++i)
      all.append(static_cast<const char*>(parts[i].iov_base), parts[i].iov_len);
    leat::testing::recorded_disk::on_write(file, at, std::string_view{all}.substr(0, static_cast<std::size_t>(done)));
  }
  return done;
}

extern "C" int fdatasync(int file) {
  const auto result = static_cast<int>(syscall(SYS_fdatasync, file));
  if (result == 0)
    leat::testing::recorded_disk::on_sync(file);
  return result;
}
