#pragma once

#include <leat/base/bytes.hpp>
#include <leat/base/encoded/encoded_type.hpp>

#include <memory>
#include <string>
#include <vector>

namespace leat {

/// What becomes of saved values when the program that loads them has another type: what differs, and how bytes of the one
/// become bytes of the other.
///
/// A value may change so: a record gains members (which begin as in a record made by default), loses some, or has them in
/// another order; an integer or float becomes a wider one of its kind; a type becomes an optional of it; an enum gains or
/// loses names of values; a variant gains alternatives at its end. All of that also within lists, values of maps, optionals,
/// tuples and variants. All else is refused: keys of maps and elements of sets do not change, nor do keys of states
/// (`changing::key`), which say where state lies. Does not change once it is made: any thread may convert.
class type_change {
public:
  /// What the type is of: a key has to stay what it is.
  enum class changing { value, key };

  /// @param stored what the bytes were written as.
  /// @param wanted what they are to be; both outlive the change.
  type_change(const encoded_type& stored, const encoded_type& wanted, changing what = changing::value);
  ~type_change();
  type_change(type_change&&) noexcept;

  /// Whether there is a way from the one to the other.
  [[nodiscard]] bool possible() const noexcept { return refused_.empty(); }

  /// Why not: `total: was text, is now float64`, each with the way to the member (`orders[].total`; `tags[key]` for keys).
  [[nodiscard]] const std::vector<std::string>& refused() const noexcept { return refused_; }

  /// What is different and can be converted, in the same form: `seen: is new, and begins as []`.
  [[nodiscard]] const std::vector<std::string>& converted() const noexcept { return converted_; }

  /// Whether values stay as they are, byte by byte.
  [[nodiscard]] bool same_bytes() const noexcept;

  /// Rewrites one value; only of a change that is possible. What it writes is a value of the wanted type.
  /// @throws state_error when the bytes are no value of the stored type; something may have been written then.
  void convert(byte_reader& from, byte_writer& to) const;

private:
  struct node;
  class comparison;
  class conversion;

  std::vector<std::unique_ptr<node>> nodes_; // one for each pair of types
  const node* root_ = nullptr;
  std::vector<std::string> refused_;
  std::vector<std::string> converted_;
};

} // namespace leat
