#pragma once

#include <leat/base/member_field.hpp>
#include <leat/base/schema.hpp>
#include <leat/connectors/files/file_sink.hpp>
#include <leat/connectors/postgres/postgres_sink.hpp>
#include <leat/connectors/postgres/reading/postgres_source.hpp>
#include <leat/connectors/postgres/table_lookup.hpp>
#include <leat/connectors/spec.hpp>
#include <leat/connectors/timed_spec.hpp>

#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

/// PostgreSQL in the typed API: what `.source(…)` and `.sink(…)` take, and what `async` functions look rows up with.
namespace leat::postgres {

/// Describes the reading of a table as records of `T`; see `postgres::table`.
template <class T>
class table_spec : public timed_spec<table_spec<T>, T> {
public:
  table_spec(std::string table, std::vector<std::string> key) : timed_spec<table_spec, T>{table} {
    options_.table = std::move(table);
    options_.key = std::move(key);
  }

  /// Reads only the rows for which this is true, SQL that the server evaluates: `.where("status = 'open'")`. It is part of the statement
  /// as it is: never put text into it that comes from outside the program.
  table_spec where(const std::string& condition) const {
    auto changed = *this;
    changed.options_.condition = condition;
    return changed;
  }

  /// The folder for rows that do not fit the record; `<job>-dead-letters` in the working directory otherwise.
  table_spec dead_letters(const std::string& folder) const {
    auto changed = *this;
    changed.letters_ = folder;
    return changed;
  }

  /// Names the step, which is otherwise named after its table.
  table_spec named(const std::string& name) const {
    auto changed = *this;
    changed.name_ = name;
    return changed;
  }

  // What `.source(…)` asks:
  [[nodiscard]] std::shared_ptr<leat::source> make_source() const {
    return std::make_shared<postgres_source>(options_, schema_of<T>(), this->times_);
  }
  [[nodiscard]] std::shared_ptr<leat::sink> make_dead_letters() const {
    return std::make_shared<file_dead_letter_sink>(letters_);
  }

private:
  table_options options_;
  std::string letters_; // empty: named after the job
};

/// Describes the writing of records of `T` to a table; see `postgres::sink`.
template <class T>
class sink_spec {
public:
  using record = T;

  explicit sink_spec(std::string table) { options_.rows.table = std::move(table); }

  /// A record whose row is there already overwrites it. @param key members that identify a row, with a unique index of them:
  /// `.upsert(&order::order_id)`.
  template <class... Members>
  sink_spec upsert(Members T::*... key) const {
    static_assert(sizeof...(key) > 0, ".upsert(…) wants the members that identify a row: .upsert(&order::order_id)");
    auto changed = *this;
    changed.options_.rows.action = row_action::upsert;
    changed.options_.rows.key = {member_field(key).name...};
    return changed;
  }

  /// Only these are overwritten by an upsert; otherwise all but the key.
  template <class... Members>
  sink_spec update_only(Members T::*... columns) const {
    auto changed = *this;
    changed.options_.rows.update = {member_field(columns).name...};
    return changed;
  }

  /// A record overwrites or removes a row only when its version, a timestamp or an integer, is not below that of the row.
  template <class Version>
  sink_spec newer_by(Version T::*version) const {
    auto changed = *this;
    changed.options_.rows.version = member_field(version).name;
    return changed;
  }

  /// Records for which this is true remove the row with their key; it goes by the key of `upsert`. A row that was removed is forgotten:
  /// with `newer_by`, an older record that comes later brings it back.
  template <class Predicate>
  sink_spec remove_when(Predicate is_removal) const {
    static_assert(
      std::is_invocable_r_v<bool, const Predicate&, const T&>,
      ".remove_when(…) wants a function of the record that returns a bool");
    auto changed = *this;
    changed.options_.rows.removes = std::make_shared<typed_removal<Predicate>>(std::move(is_removal));
    return changed;
  }

  /// Only these members are written; otherwise all, each to the column of its name.
  template <class... Members>
  sink_spec columns(Members T::*... written) const {
    auto changed = *this;
    changed.options_.rows.columns = {member_field(written).name...};
    return changed;
  }

  /// Makes the table where it is missing, with the types that fit best and the key of `upsert` as its primary key.
  sink_spec create_table(bool wanted = true) const {
    auto changed = *this;
    changed.options_.creates_table = wanted;
    return changed;
  }

  /// Each record is committed once, also after a failure.
  sink_spec exactly_once(bool wanted = true) const {
    auto changed = *this;
    changed.guarantee_ = wanted ? delivery::exactly_once : delivery::at_least_once;
    return changed;
  }

  /// Names the step, which is otherwise named after its table.
  sink_spec named(const std::string& name) const {
    auto changed = *this;
    changed.name_ = name;
    return changed;
  }

  /// For tests: is told of each point of a transaction, on threads of the sink's.
  sink_spec watched(const std::function<void(pg_point)>& passes) const {
    auto changed = *this;
    changed.options_.passes = passes;
    return changed;
  }

  // What `.sink(…)` asks:
  [[nodiscard]] std::string name() const { return name_.empty() ? options_.rows.table : name_; }
  [[nodiscard]] delivery guarantee() const { return guarantee_; }
  [[nodiscard]] std::shared_ptr<leat::sink> make_sink() const {
    auto options = options_;
    options.exactly_once = guarantee_ == delivery::exactly_once;
    return std::make_shared<postgres_sink>(std::move(options), schema_of<T>());
  }

private:
  template <class Predicate>
  class typed_removal final : public removal_test {
  public:
    explicit typed_removal(Predicate is_removal) : is_removal_{std::move(is_removal)} {}

    void removals(const batch_base& records, std::size_t from, std::vector<char>& to) const override {
      const auto& typed = static_cast<const batch<T>&>(records).records();
      for (auto i = from; i < typed.size(); ++i)
        to.push_back(std::invoke(is_removal_, typed[i]) ? 1 : 0);
    }

  private:
    const Predicate is_removal_;
  };

  postgres_sink_options options_;
  std::string name_; // empty: the table's
  delivery guarantee_ = delivery::at_least_once;
};

/// Reads all rows of a table once, each member from the column of its name, and ends: `table("shop.orders", &order::order_id)`.
/// @param key members whose columns have a unique index, in its order, and are never NULL: the rows come in this order.
template <class T, class... Members>
table_spec<T> table(std::string name, Members T::*... key) {
  static_assert(
    sizeof...(key) > 0, "postgres::table<T>(name, key…) wants the members by whose unique index the table is read: "
                        "postgres::table<order>(\"shop.orders\", &order::order_id)");
  return {std::move(name), {member_field(key).name...}};
}

/// Writes records of `T` to a table, each member to the column of its name.
template <class T>
sink_spec<T> sink(std::string table) {
  return sink_spec<T>{std::move(table)};
}

/// Looks up rows of a query as records, each member from the column of its name, by the member that identifies them:
/// `lookup(config, "SELECT id, name FROM customers", &customer::id)`. For functions of `async`, which share it; it outlives the job.
/// @param sql without a semicolon; an index of the key's column makes it fast.
/// @param connections that ask at a time, each for hundreds of keys.
/// @throws config_error as `pg_address::from`. A database that is away, or a query that is wrong, fails what is asked for.
template <class Row, class Key>
std::shared_ptr<const table_lookup<Row, Key>>
lookup(const settings& config, std::string sql, Key Row::*key, lookup_options options = {}, std::size_t connections = 2) {
  return std::make_shared<table_lookup<Row, Key>>(config, std::move(sql), key, options, connections);
}

} // namespace leat::postgres
