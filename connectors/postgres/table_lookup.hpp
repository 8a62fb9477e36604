#pragma once

#include <leat/base/member_field.hpp>
#include <leat/base/schema.hpp>
#include <leat/base/settings.hpp>
#include <leat/connectors/lookups/cached_lookup.hpp>
#include <leat/connectors/postgres/pg_lookup.hpp>

#include <concepts>
#include <cstddef>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace leat::postgres {

/// Looks rows up as records by one of their members, through a cache and a circuit breaker: what `async` functions share to enrich
/// records. Any thread.
template <class Row, class Key>
class table_lookup {
public:
  static_assert(
    std::is_same_v<Key, std::string> || (std::integral<Key> && !std::is_same_v<Key, bool>),
    "postgres::lookup<Row>(…) wants a key that is a std::string or an integer");
  using cache = cached_lookup<Key, Row>;
  using result = typename cache::result;

  /// See `postgres::lookup`.
  table_lookup(const settings& config, std::string sql, Key Row::*key, lookup_options options, std::size_t connections)
    : rows_{std::make_unique<pg_lookup>(
        config, pg_query{std::move(sql), member_field(key).name}, schema_of<Row>(), connections, "leat lookup")} {
    cache_ = std::make_shared<cache>(options, [this](const Key& k, typename cache::answer then) {
      rows_->find(text_of(k), [then = std::move(then)](const pg_found& found) { then(read(found)); });
    });
  }
  table_lookup(const table_lookup&) = delete;
  table_lookup& operator=(const table_lookup&) = delete;

  /// Tells `then` the row; a key without one is absent, not failed. See `cached_lookup::find`.
  void find(const Key& key, typename cache::answer then) const { cache_->find(key, std::move(then)); }

  [[nodiscard]] typename cache::counts counted() const { return cache_->counted(); }

private:
  static std::string text_of(const Key& key) {
    if constexpr (std::is_same_v<Key, std::string>)
      return key;
    else
      return std::to_string(key);
  }

  static result read(const pg_found& found) {
    if (!found.failure.empty())
      return result::failed(found.failure);
    if (!found.row)
      return result::absent(found.absence);
    const raw_record raw{.key = {}, .payload = *found.row};
    Row row;
    std::vector<rejection> rejected;
    if (found.reads->decode({&raw, 1}, &row, sizeof(row), rejected) == 1)
      return result::of(std::move(row));
    return result::absent("the row does not fit the record: " + rejected.front().reason);
  }

  std::shared_ptr<cache> cache_;
  const std::unique_ptr<pg_lookup> rows_; // the last: its answers use the others
};

} // namespace leat::postgres
