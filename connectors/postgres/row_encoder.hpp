#pragma once

#include <leat/base/schema.hpp>
#include <leat/connectors/formats/format.hpp>
#include <leat/connectors/formats/refusal.hpp>
#include <leat/connectors/postgres/pg_table.hpp>
#include <leat/connectors/postgres/row_layout.hpp>
#include <leat/connectors/postgres/row_options.hpp>
#include <leat/messages/batch.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace leat {

/// Turns records into rows of a table, by name: a field is a column.
///
/// A struct or list is JSON, for a `json` or `jsonb`; an enum its name, for text or an enum of the same names; a `timestamp` is
/// a `timestamptz`, or for a `timestamp` without time zone or a `date` what a clock in UTC shows. What could lose digits is
/// refused: a fraction for an integer, a `double` for a `real` or a `numeric`.
///
/// Belongs to one writer.
class row_encoder : private refusal {
public:
  /// @throws connector_error when the table cannot take such records; the text says how it could.
  row_encoder(const schema& of, const pg_table& table, const row_options& options);
  ~row_encoder();

  [[nodiscard]] const row_layout& layout() const noexcept { return layout_; }

  /// Appends a row for each record of `in` from index `from` on; of one that has no form in the table, an empty entry and a
  /// rejection whose index counts from `from`.
  void encode(const batch_base& in, std::size_t from, encoded_records& out, std::vector<rejection>& rejected);

private:
  struct column_plan;

  bool row(const void* record, std::string& to);
  bool value(const column_plan& plan, const void* from, std::string& to);
  bool text(std::string_view bytes, std::string& to);
  bool json(const column_plan& plan, const void* from, std::string& to);

  row_layout layout_;
  std::shared_ptr<const removal_test> removes_;
  std::vector<column_plan> plans_;
  std::vector<char> removals_;
  encoded_records json_;
  std::vector<rejection> json_rejected_;
};

/// A statement that makes a table for such records, for people and for a first run.
[[nodiscard]] std::string create_table_statement(const schema& of, const row_options& options);

} // namespace leat
