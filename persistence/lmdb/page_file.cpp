#include <leat/persistence/lmdb/page_file.hpp>

#include <leat/persistence/store_records.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace leat {
namespace {

using namespace lmdb_format;

constexpr std::uint32_t lmdb_magic = 0xbeefc0de;
constexpr std::uint32_t lmdb_version = 1;

constexpr std::size_t page_head = 16; // page number u64, pad u16, flags u16, lower u16, upper u16; or number of pages u32
constexpr std::size_t flags_at = 10;
constexpr std::size_t lower_at = 12;
constexpr std::size_t upper_at = 14;
constexpr std::uint16_t branch_flag = 1;
constexpr std::uint16_t leaf_flag = 2;
constexpr std::uint16_t overflow_flag = 4;
constexpr std::uint16_t meta_flag = 8;

constexpr std::size_t node_head = 8; // two halves of the value's size, flags, size of the key, each u16
constexpr std::uint16_t big_data = 1;
constexpr std::uint16_t sub_data = 2;

constexpr std::uint16_t integer_key = 0x08; // of the list of free pages
constexpr std::uint16_t no_subfolder = 0x4000;

std::uint16_t half(std::string_view bytes, std::size_t at) noexcept {
  std::uint16_t n;
  std::memcpy(&n, bytes.data() + at, sizeof n);
  return n;
}

std::uint32_t low_bits(std::string_view n) noexcept { return half(n, 0) | std::uint32_t{half(n, 2)} << 16; }

// What a leaf's node has behind its key inside the page.
std::size_t data_bytes(std::string_view n) noexcept {
  return (half(n, 4) & big_data) != 0 ? sizeof(std::uint64_t) : low_bits(n);
}

// How many bytes the node at `at` takes in the page; 0 when it does not lie in it, behind `begin`.
std::size_t node_bytes(std::string_view page, std::size_t at, std::size_t begin, bool leaf) {
  if (at < begin || at % 2 != 0 || at + node_head > page.size())
    return 0;
  const auto n = page.substr(at);
  if (leaf && (half(n, 4) & ~(big_data | sub_data)) != 0)
    return 0;
  const auto bytes = node_head + half(n, 6) + (leaf ? data_bytes(n) : 0);
  return bytes <= n.size() ? bytes + bytes % 2 : 0;
}

// Whether the nodes of a page lie one behind the other, from `upper` to its end.
bool nodes_fit(std::string_view page, std::size_t lower, std::size_t upper, bool leaf) {
  std::size_t taken = 0;
  for (auto at = page_head; at < lower; at += 2) {
    const auto bytes = node_bytes(page, half(page, at), upper, leaf);
    if (bytes == 0)
      return false;
    taken += bytes;
  }
  return taken == page.size() - upper;
}

bool power_of_two(std::uint64_t n) { return n != 0 && (n & (n - 1)) == 0; }

} // namespace

std::size_t lmdb_format::tree_page::nodes() const noexcept { return (half(bytes_, lower_at) - page_head) / 2; }

std::string_view lmdb_format::tree_page::node_at(std::size_t i) const noexcept {
  return std::string_view{bytes_}.substr(half(bytes_, page_head + 2 * i));
}

std::uint64_t lmdb_format::tree_page::child(std::size_t i) const noexcept {
  const auto n = node_at(i);
  return low_bits(n) | std::uint64_t{half(n, 4)} << 32;
}

std::string_view lmdb_format::tree_page::branch_key(std::size_t i) const noexcept {
  const auto n = node_at(i);
  return n.substr(node_head, half(n, 6));
}

node lmdb_format::tree_page::leaf_node(std::size_t i) const noexcept {
  const auto n = node_at(i);
  node found;
  found.key = n.substr(node_head, half(n, 6));
  found.bytes = low_bits(n);
  found.subdatabase = (half(n, 4) & sub_data) != 0;
  const auto data = n.substr(node_head + found.key.size(), data_bytes(n));
  if ((half(n, 4) & big_data) != 0)
    found.overflow = word(data, 0);
  else
    found.data = data;
  return found;
}

page_file::page_file(std::string name) : name_{std::move(name)}, fd_{::open(name_.c_str(), O_RDONLY | O_CLOEXEC)} {
  struct stat s {};
  if (fd_ < 0 || ::fstat(fd_, &s) != 0) {
    const auto failed = errno;
    if (fd_ >= 0)
      ::close(fd_);
    throw state_error{fmt::format("{}: cannot be opened: {}", name_, std::strerror(failed))};
  }
  bytes_ = static_cast<std::uint64_t>(s.st_size);
  try {
    read_meta(0);
    read_meta(1);
  } catch (...) {
    ::close(fd_);
    throw;
  }
  newest_ = metas_[0].transaction < metas_[1].transaction ? 1 : 0;
}

page_file::~page_file() { ::close(fd_); }

void page_file::read_meta(std::size_t i) {
  constexpr std::size_t head = page_head + sizeof(meta_page);
  char bytes[head];
  const auto at = i * page_bytes_;
  if (::pread(fd_, bytes, head, static_cast<off_t>(at)) != static_cast<ssize_t>(head))
    throw damage(bytes_ == 0 ? "is empty" : "is cut off before its meta pages");
  auto& m = metas_[i];
  const std::string_view all{bytes, head};
  std::memcpy(&m, bytes + page_head, sizeof m);
  if (i == 0)
    page_bytes_ = m.free.pad;
  const bool sane = word(all, 0) == i && half(all, flags_at) == meta_flag && m.magic == lmdb_magic &&
                    m.version == lmdb_version && power_of_two(page_bytes_) && page_bytes_ >= 512 && page_bytes_ <= 0x8000 &&
                    m.free.pad == page_bytes_ && m.free.flags == (integer_key | no_subfolder) && m.main.flags == 0 &&
                    m.main.pad == 0 && m.address == 0 && m.last_page >= 1 && m.map_bytes <= std::uint64_t{1} << 46 &&
                    m.last_page < m.map_bytes / page_bytes_;
  if (!sane)
    throw damage("has a damaged meta page, or is no LMDB file");
}

std::string page_file::read(std::uint64_t page, std::uint64_t pages) const {
  const auto in_file = bytes_ / page_bytes_;
  if (page >= in_file || pages > in_file - page)
    throw damage(
      page <= newest().last_page ? fmt::format("is cut off before page {} of {}", page, newest().last_page + 1)
                                 : fmt::format("names page {}, which is not in it", page));
  std::string bytes(pages * page_bytes_, '\0');
  std::size_t done = 0;
  while (done < bytes.size()) {
    const auto got = ::pread(fd_, bytes.data() + done, bytes.size() - done, static_cast<off_t>(page * page_bytes_ + done));
    if (got < 0 && errno == EINTR)
      continue;
    if (got <= 0)
      throw damage(fmt::format("cannot be read at page {}: {}", page, got < 0 ? std::strerror(errno) : "it was cut off"));
    done += static_cast<std::size_t>(got);
  }
  if (word(bytes, 0) != page)
    throw damage(fmt::format("has another page where page {} should be", page));
  return bytes;
}

lmdb_format::tree_page page_file::tree_page(std::uint64_t page) const {
  auto bytes = read(page, 1);
  const auto flags = half(bytes, flags_at);
  const std::size_t lower = half(bytes, lower_at);
  const std::size_t upper = half(bytes, upper_at);
  const bool sane = (flags == branch_flag || flags == leaf_flag) && lower >= page_head && lower % 2 == 0 &&
                    lower <= upper && upper <= page_bytes_ && nodes_fit(bytes, lower, upper, flags == leaf_flag);
  if (!sane)
    throw damage(fmt::format("has a damaged page {}", page));
  return {std::move(bytes), flags == leaf_flag};
}

std::uint64_t page_file::overflow_pages(const node& n) const {
  const auto pages = (page_head - 1 + n.bytes) / page_bytes_ + 1;
  const auto first = read(*n.overflow, 1);
  std::uint32_t noted;
  std::memcpy(&noted, first.data() + lower_at, sizeof noted);
  if (half(first, flags_at) != overflow_flag || noted != pages)
    throw damage(fmt::format("has a damaged page {}", *n.overflow));
  return pages;
}

std::string page_file::value(const node& n) const {
  if (!n.overflow)
    return std::string{n.data};
  return read(*n.overflow, overflow_pages(n)).substr(page_head, n.bytes);
}

tree page_file::database(const node& n) const {
  tree t;
  if (!n.subdatabase || n.overflow || n.bytes != sizeof t)
    throw damage("has an entry among its databases that is none");
  std::memcpy(&t, n.data.data(), sizeof t);
  if (t.flags != 0 || t.pad != 0)
    throw damage(fmt::format("has a damaged entry for the database `{}`", n.key));
  return t;
}

std::optional<found_node> page_file::find(const tree& t, std::string_view key) const {
  auto page = t.root;
  for (unsigned depth = 0; page != no_page && depth < max_depth; ++depth) {
    auto p = tree_page(page);
    std::size_t i = 0;
    if (!p.leaf()) {
      while (i + 1 < p.nodes() && p.branch_key(i + 1) <= key)
        ++i;
      if (p.nodes() == 0)
        break;
      page = p.child(i);
      continue;
    }
    for (; i < p.nodes(); ++i)
      if (const auto n = p.leaf_node(i); n.key == key)
        return found_node{std::move(p), n};
    break;
  }
  return std::nullopt;
}

state_error page_file::damage(const std::string& what) const { return damaged_file(name_, "the file " + what); }

} // namespace leat
