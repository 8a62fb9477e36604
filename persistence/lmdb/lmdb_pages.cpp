#include <leat/persistence/lmdb/lmdb_pages.hpp>

#include <leat/base/error.hpp>
#include <leat/persistence/lmdb/page_file.hpp>
#include <leat/persistence/store_format.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

namespace leat {
namespace {

using namespace lmdb_format;

// Walks the trees of one transaction and notes which pages they use.
class page_walk {
public:
  page_walk(const page_file& file, const meta_page& meta)
    : file_{file}, meta_{meta}, pages_there_{file.bytes() / file.page_bytes()}, used_(meta.last_page + 1, false) {
    used_[0] = used_[1] = true;
  }

  void check_everything() {
    walk(meta_.main, "the list of databases", [&](const node& n) { check_database(n); });
    if (databases_ != 3)
      throw damage("has lost one of its databases");
    walk(
      meta_.free, "the list of free pages", [&](const node& n) { note_free_pages(n); }, true);
    for (const auto page : free_)
      use(page, "the list of free pages");
    for (auto page = pages_there_; page < used_.size(); ++page)
      if (!used_[page])
        throw cut_off();
  }

  [[nodiscard]] std::size_t free_pages() const noexcept { return free_.size(); }

private:
  struct counted {
    std::uint64_t branches = 0;
    std::uint64_t leaves = 0;
    std::uint64_t overflows = 0;
    std::uint64_t entries = 0;

    friend bool operator==(const counted&, const counted&) = default;
  };

  struct walked {
    std::string_view what;
    bool numbers = false; // keys are numbers in the machine's form
    counted pages{};
    std::string last_key{};
  };

  template <class Visit>
  void walk(const tree& t, std::string_view what, const Visit& visit, bool numbers = false) {
    walked seen{what, numbers};
    if (t.root != no_page) {
      if (t.depth == 0 || t.depth > max_depth)
        throw damage(fmt::format("has a depth of {} noted for {}", t.depth, what));
      descend(t.root, t.depth, seen, visit);
    }
    if (seen.pages != counted{t.branch_pages, t.leaf_pages, t.overflow_pages, t.entries})
      throw damage(fmt::format("counts the pages or entries of {} otherwise than it notes", what));
  }

  template <class Visit>
  void descend(std::uint64_t page, unsigned depth, walked& seen, const Visit& visit) {
    if (page >= pages_there_ && page < used_.size())
      throw cut_off();
    use(page, seen.what);
    const auto p = file_.tree_page(page);
    if (p.leaf() != (depth == 1) || (!p.leaf() && p.nodes() == 0))
      throw damage(fmt::format("has a page {} that does not belong into {}", page, seen.what));
    (p.leaf() ? seen.pages.leaves : seen.pages.branches) += 1;
    for (std::size_t i = 0; i < p.nodes(); ++i)
      if (p.leaf())
        take(p.leaf_node(i), seen, visit);
      else
        descend(p.child(i), depth - 1, seen, visit);
  }

  template <class Visit>
  void take(const node& n, walked& seen, const Visit& visit) {
    if (seen.pages.entries > 0 && !seen.numbers && n.key <= seen.last_key)
      throw damage(fmt::format("has keys out of order in {}", seen.what));
    seen.last_key = n.key;
    seen.pages.entries += 1;
    if (n.overflow) {
      const auto pages = file_.overflow_pages(n);
      if (*n.overflow + pages > pages_there_)
        throw cut_off();
      for (std::uint64_t i = 0; i < pages; ++i)
        use(*n.overflow + i, seen.what);
      seen.pages.overflows += pages;
    }
    visit(n);
  }

  void use(std::uint64_t page, std::string_view what) {
    if (page >= used_.size())
      throw damage(fmt::format("names page {} in {}, and has only {}", page, what, used_.size()));
    if (used_[page])
      throw damage(fmt::format("uses page {} twice, the second time in {}", page, what));
    used_[page] = true;
  }

  void check_database(const node& n) {
    const auto database = file_.database(n);
    ++databases_;
    walk(database, n.key, [&](const node& entry) {
      if (entry.subdatabase)
        throw damage(fmt::format("has an entry in `{}` that is none", n.key));
    });
  }

  void note_free_pages(const node& n) {
    if (n.key.size() != sizeof(std::uint64_t) || n.bytes < sizeof(std::uint64_t) || n.subdatabase)
      throw damage("has an entry in its list of free pages that is none");
    const auto list = file_.value(n);
    const auto count = word(list, 0);
    if (count >= list.size() / sizeof(std::uint64_t))
      throw damage("has a list of free pages that is longer than its place");
    for (std::uint64_t i = 1; i <= count; ++i) {
      free_.push_back(word(list, i * sizeof(std::uint64_t)));
      if (i > 1 && free_[free_.size() - 2] <= free_.back())
        throw damage("has a list of free pages that is out of order");
    }
  }

  [[nodiscard]] state_error damage(const std::string& what) const { return file_.damage(what); }
  [[nodiscard]] state_error cut_off() const {
    return damage(fmt::format("is cut off: {} bytes of {} are there", file_.bytes(), used_.size() * file_.page_bytes()));
  }

  const page_file& file_;
  const meta_page& meta_;
  const std::uint64_t pages_there_;
  std::vector<bool> used_;
  std::vector<std::uint64_t> free_;
  int databases_ = 0;
};

// The manifest of a transaction, found without LMDB; none when it has not written one.
std::optional<checkpoint_manifest> manifest_of(const page_file& file, const meta_page& meta) {
  const auto entry = file.find(meta.main, store_format::meta);
  if (!entry)
    return std::nullopt;
  const auto manifest = file.find(file.database(entry->entry), store_format::manifest_key);
  if (!manifest)
    return std::nullopt;
  return decoded_manifest(file.value(manifest->entry), file.name());
}

// A meta page has no checksum. But it leads to a manifest, which has one and knows which transaction wrote it: this way a
// changed number, which would bring an older checkpoint back, is found.
void check_number(const page_file& file, const meta_page& meta) {
  const auto manifest = manifest_of(file, meta);
  if (meta.transaction <= 1 ? manifest.has_value() : !manifest || manifest->transaction != meta.transaction)
    throw file.damage(fmt::format("has a meta page of transaction {} that leads to another one's data", meta.transaction));
}

// The last pages need not be there while they are free, as LMDB does not write those that a transaction took and gave back: of a file that
// is written to, only a walk finds what is cut off.
void check_head(const page_file& file, bool copy) {
  const auto& [first, second] = file.metas();
  const auto newest = file.newest().transaction;
  const bool sane = copy ? first.transaction == 0 && second.transaction == 1
                         : newest - std::min(first.transaction, second.transaction) <= 1 && newest >= 2 &&
                             first.transaction % 2 == 0 && second.transaction % 2 == 1;
  if (!sane)
    throw file.damage(fmt::format("has meta pages of transactions {} and {}", first.transaction, second.transaction));
  if (const auto needed = (file.newest().last_page + 1) * file.page_bytes(); copy && file.bytes() < needed)
    throw file.damage(fmt::format("is cut off: {} bytes of {} are there", file.bytes(), needed));
}

lmdb_file_facts facts_of(const page_file& file) {
  const auto& meta = file.newest();
  return {meta.transaction, meta.last_page + 1, 0, file.page_bytes()};
}

} // namespace

lmdb_file_facts check_lmdb_head(const std::string& name, bool copy) {
  const page_file file{name};
  check_head(file, copy);
  return facts_of(file);
}

lmdb_file_facts check_lmdb_pages(const std::string& name, bool copy) {
  const page_file file{name};
  check_head(file, copy);
  page_walk walk{file, file.newest()};
  walk.check_everything();
  if (!copy)
    for (const auto& meta : file.metas())
      check_number(file, meta);
  auto facts = facts_of(file);
  facts.free_pages = walk.free_pages();
  return facts;
}

checkpoint_manifest read_manifest(const std::string& name, bool copy) {
  const page_file file{name};
  check_head(file, copy);
  auto manifest = manifest_of(file, file.newest());
  if (!manifest)
    throw file.damage("has lost its manifest");
  return *std::move(manifest);
}

} // namespace leat
