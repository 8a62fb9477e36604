#include <leat/base/encoded/encoded_value.hpp>

#include <leat/base/decimal.hpp>
#include <leat/base/time.hpp>

#include <limits>

namespace leat {

namespace {

state_error too_large() {
  return state_error{"a saved number does not fit its type: the saved state is damaged, or of another type"};
}

class value_reader {
public:
  explicit value_reader(byte_reader& from) : from_{from} {}

  void skip(const encoded_type& t) {
    const nesting deeper{depth_};
    switch (t.kind) {
    case encoded_kind::nothing:
      return;
    case encoded_kind::boolean:
      return void(from_.fixed<bool>());
    case encoded_kind::unsigned_number:
      return void(unsigned_value(t, from_));
    case encoded_kind::signed_number:
      return void(signed_value(t, from_));
    case encoded_kind::floating:
      return void(from_.raw(t.size));
    case encoded_kind::decimal:
      return decimal{}.decode(from_);
    case encoded_kind::text:
    case encoded_kind::message:
      return void(from_.text());
    case encoded_kind::any_message:
      return (void)from_.text(), (void)from_.text(), void(from_.text());
    case encoded_kind::timestamp:
    case encoded_kind::duration:
      return void(from_.signed_number());
    case encoded_kind::enumeration:
      return void(enumerator_value(t, from_));
    case encoded_kind::optional:
      return from_.fixed<bool>() ? skip(t.element()) : void();
    case encoded_kind::list:
    case encoded_kind::set:
    case encoded_kind::map:
      return skip_elements(t);
    case encoded_kind::tuple:
    case encoded_kind::record:
      return skip_parts(t);
    case encoded_kind::variant:
      return skip(*t.parts[alternative_value(t, from_)].type);
    case encoded_kind::expiring:
      return skip(t.element()), void(from_.signed_number());
    case encoded_kind::opaque:
      return t.skip ? t.skip(from_) : void(from_.raw(from_.rest().size()));
    }
  }

private:
  void skip_elements(const encoded_type& t) {
    for (auto left = from_.size(); left != 0; --left)
      skip_parts(t);
  }

  void skip_parts(const encoded_type& t) {
    for (const auto& part : t.parts)
      skip(*part.type);
  }

  byte_reader& from_;
  unsigned depth_ = 0;
};

class default_writer {
public:
  explicit default_writer(byte_writer& to) : to_{to} {}

  void write(const encoded_type& t) {
    const nesting deeper{depth_};
    if (t.write_default)
      return t.write_default(to_);
    switch (t.kind) {
    case encoded_kind::nothing:
    case encoded_kind::opaque:
      return;
    case encoded_kind::boolean:
    case encoded_kind::optional:
      return to_.fixed(false);
    case encoded_kind::floating:
      return to_.raw(std::string(t.size, '\0'));
    case encoded_kind::decimal:
      return decimal{}.encode(to_);
    case encoded_kind::unsigned_number:
    case encoded_kind::signed_number:
    case encoded_kind::text:
    case encoded_kind::message:
    case encoded_kind::timestamp:
    case encoded_kind::duration:
    case encoded_kind::list:
    case encoded_kind::set:
    case encoded_kind::map:
      return to_.unsigned_number(0);
    case encoded_kind::any_message:
      return to_.text({}), to_.text({}), to_.text({});
    case encoded_kind::enumeration:
      return write(t.element());
    case encoded_kind::variant:
      return to_.unsigned_number(0), t.parts.empty() ? void() : write(t.element());
    case encoded_kind::expiring:
      return write(t.element()), to_.signed_number(to_millis(max_timestamp));
    case encoded_kind::tuple:
    case encoded_kind::record:
      for (const auto& part : t.parts)
        write(*part.type);
    }
  }

private:
  byte_writer& to_;
  unsigned depth_ = 0;
};

} // namespace

nesting::nesting(unsigned& depth) : depth_{depth} {
  if (depth == max_nesting)
    throw state_error{
      "a saved value is nested more than 1,000 deep: the saved state is damaged, or its type needs a flatter "
      "form, such as a list whose elements name one another"};
  ++depth;
}

void read_past(const encoded_type& type, byte_reader& from) { value_reader{from}.skip(type); }

void write_default(const encoded_type& type, byte_writer& to) { default_writer{to}.write(type); }

std::uint64_t unsigned_value(const encoded_type& type, byte_reader& from) {
  const auto n = from.unsigned_number();
  if (n > std::numeric_limits<std::uint64_t>::max() >> (64 - 8 * type.size))
    throw too_large();
  return n;
}

std::int64_t signed_value(const encoded_type& type, byte_reader& from) {
  const auto n = from.signed_number();
  const auto most = std::numeric_limits<std::int64_t>::max() >> (64 - 8 * type.size);
  if (n > most || n < -most - 1)
    throw too_large();
  return n;
}

std::int64_t enumerator_value(const encoded_type& type, byte_reader& from) {
  const auto& underlying = type.element();
  if (underlying.kind == encoded_kind::boolean)
    return from.fixed<bool>() ? 1 : 0;
  return underlying.kind == encoded_kind::signed_number ? signed_value(underlying, from)
                                                        : static_cast<std::int64_t>(unsigned_value(underlying, from));
}

std::size_t alternative_value(const encoded_type& type, byte_reader& from) {
  const auto index = from.unsigned_number();
  if (index >= type.parts.size())
    throw state_error{
      "a saved variant has an alternative that there is not: the saved state is damaged, or of another type"};
  return static_cast<std::size_t>(index);
}

} // namespace leat
