#pragma once

#include <leat/base/error.hpp>

#include <array>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

namespace leat {

/// The parts of LMDB's file format, version 1 on a machine of 64 bits, as LMDB 0.9's `mdb.c` has them: "Page header", "Nodes",
/// "Meta page", "Information about a single database".
namespace lmdb_format {

inline constexpr std::uint64_t no_page = ~std::uint64_t{0};
inline constexpr unsigned max_depth = 32;

/// A number of eight bytes; they are there.
inline std::uint64_t word(std::string_view bytes, std::size_t at) noexcept {
  std::uint64_t n;
  std::memcpy(&n, bytes.data() + at, sizeof n);
  return n;
}

struct tree {
  std::uint32_t pad = 0;
  std::uint16_t flags = 0;
  std::uint16_t depth = 0;
  std::uint64_t branch_pages = 0;
  std::uint64_t leaf_pages = 0;
  std::uint64_t overflow_pages = 0;
  std::uint64_t entries = 0;
  std::uint64_t root = no_page;
};
static_assert(sizeof(tree) == 48);

struct meta_page {
  std::uint32_t magic = 0;
  std::uint32_t version = 0;
  std::uint64_t address = 0;
  std::uint64_t map_bytes = 0;
  tree free;
  tree main;
  std::uint64_t last_page = 0;
  std::uint64_t transaction = 0;
};
static_assert(sizeof(meta_page) == 136);

/// An entry of a leaf page, good as long as that.
struct node {
  std::string_view key;
  std::string_view data;                 ///< empty when it is elsewhere
  std::uint64_t bytes = 0;               ///< of the value
  std::optional<std::uint64_t> overflow; ///< the first page of the value, when it is elsewhere
  bool subdatabase = false;
};

/// A branch or leaf page that was checked: every node lies inside it.
class tree_page {
public:
  tree_page(std::string bytes, bool leaf) : bytes_{std::move(bytes)}, leaf_{leaf} {}

  [[nodiscard]] bool leaf() const noexcept { return leaf_; }
  [[nodiscard]] std::size_t nodes() const noexcept;
  [[nodiscard]] std::uint64_t child(std::size_t i) const noexcept; ///< of a branch page
  [[nodiscard]] std::string_view branch_key(std::size_t i) const noexcept;
  [[nodiscard]] node leaf_node(std::size_t i) const noexcept;

private:
  [[nodiscard]] std::string_view node_at(std::size_t i) const noexcept;

  std::string bytes_; // of a page, so that moving it leaves views as they are
  bool leaf_;
};

/// A node with the page that it lies in.
struct found_node {
  tree_page page;
  node entry;
};

} // namespace lmdb_format

/// Reads an LMDB file page by page with `pread` and believes nothing. Not thread-safe.
class page_file {
public:
  /// Opens the file and reads its meta pages. @throws state_error when it cannot be read or they are damaged.
  explicit page_file(std::string name);
  page_file(const page_file&) = delete;
  page_file& operator=(const page_file&) = delete;
  ~page_file();

  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_; }
  [[nodiscard]] std::size_t page_bytes() const noexcept { return page_bytes_; }
  [[nodiscard]] const std::array<lmdb_format::meta_page, 2>& metas() const noexcept { return metas_; }
  [[nodiscard]] const lmdb_format::meta_page& newest() const noexcept { return metas_[newest_]; }

  /// @throws state_error when the page is no branch or leaf page, or a node of it does not lie in it.
  [[nodiscard]] lmdb_format::tree_page tree_page(std::uint64_t page) const;

  /// How many pages the value of a node has that is elsewhere. @throws state_error when they are damaged.
  [[nodiscard]] std::uint64_t overflow_pages(const lmdb_format::node& n) const;

  [[nodiscard]] std::string value(const lmdb_format::node& n) const;

  /// The database that an entry in the list of databases tells of.
  [[nodiscard]] lmdb_format::tree database(const lmdb_format::node& n) const;

  [[nodiscard]] std::optional<lmdb_format::found_node> find(const lmdb_format::tree& t, std::string_view key) const;

  [[nodiscard]] state_error damage(const std::string& what) const;

private:
  [[nodiscard]] std::string read(std::uint64_t page, std::uint64_t pages) const;
  void read_meta(std::size_t i);

  const std::string name_;
  int fd_ = -1;
  std::uint64_t bytes_ = 0;
  std::size_t page_bytes_ = 0;
  std::array<lmdb_format::meta_page, 2> metas_{};
  std::size_t newest_ = 0;
};

} // namespace leat
