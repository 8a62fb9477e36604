#include <leat/tests/base/random_types.hpp>

#include <leat/base/bytes.hpp>
#include <leat/base/decimal.hpp>
#include <leat/base/encoding.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <rapidcheck.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
#include <vector>

namespace leat::testing {

int any_number(int most) { return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange(0, most + 1)); }

namespace {

bool maybe() { return any_number(1) == 1; }

template <class Number>
std::string fixed(Number n) {
  std::string bytes;
  byte_writer{bytes}.fixed(n);
  return bytes;
}

std::string as_unsigned(std::uint64_t n) {
  std::string bytes;
  byte_writer{bytes}.unsigned_number(n);
  return bytes;
}

std::string as_signed(std::int64_t n) {
  std::string bytes;
  byte_writer{bytes}.signed_number(n);
  return bytes;
}

/// Of at most so many bits.
std::uint64_t any_bits(int bits) {
  const auto size = any_number(bits);
  return size == 0 ? 0 : *rc::gen::arbitrary<std::uint64_t>() >> (64 - size);
}

std::int64_t any_signed(int bits) {
  const auto n = static_cast<std::int64_t>(any_bits(bits - 1));
  return maybe() ? n : -n - 1;
}

/// A type whose two forms have the same bytes.
random_type same_bytes(std::string stored, std::string wanted, std::string begins_as, std::function<std::string()> any) {
  return {
    std::move(stored), std::move(wanted),
    [any = std::move(any)](std::string& s, std::string& w) {
      const auto bytes = any();
      s += bytes;
      w += bytes;
    },
    std::move(begins_as)};
}

random_type integer(bool changes) {
  const auto log2 = any_number(3);
  const auto wide = changes ? log2 + any_number(3 - log2) : log2;
  const auto bits = 8 << log2;
  if (maybe())
    return same_bytes(fmt::format("int{}", bits), fmt::format("int{}", 8 << wide), std::string(1, '\0'), [=] {
      return as_signed(any_signed(bits));
    });
  return same_bytes(fmt::format("uint{}", bits), fmt::format("uint{}", 8 << wide), std::string(1, '\0'), [=] {
    return as_unsigned(any_bits(bits));
  });
}

random_type decimal_number(bool changes) {
  const auto any_digits = [] { return decimal::of(any_signed(64), any_number(decimal::max_digits)); };
  const auto zero = encoded(decimal{});
  if (!changes || maybe())
    return same_bytes("decimal", "decimal", zero, [=] { return encoded(any_digits()); });
  const bool has_sign = maybe();
  return {
    has_sign ? "int32" : "uint64", "decimal",
    [=](std::string& s, std::string& w) {
      const auto n = any_signed(32);
      const auto bits = any_bits(64);
      s += has_sign ? as_signed(n) : as_unsigned(bits);
      w += encoded(has_sign ? decimal{n} : decimal{bits});
    },
    zero};
}

random_type floating(bool changes) {
  const auto any_float = [] { return static_cast<float>(any_signed(20)) / 8; };
  if (maybe())
    return same_bytes("float64", "float64", fixed(0.0), [=] { return fixed(double{any_float()}); });
  if (!changes || maybe())
    return same_bytes("float32", "float32", fixed(0.0F), [=] { return fixed(any_float()); });
  return {
    "float32", "float64",
    [=](std::string& s, std::string& w) {
      const auto n = any_float();
      s += fixed(n);
      w += fixed(double{n});
    },
    fixed(0.0)};
}

random_type simple(bool changes) {
  switch (any_number(7)) {
  case 0:
    return same_bytes("bool", "bool", fixed(false), [] { return fixed(maybe()); });
  case 1:
    return integer(changes);
  case 2:
    return floating(changes);
  case 3:
    return same_bytes("text", "text", std::string(1, '\0'), [] {
      const std::string text(static_cast<std::size_t>(any_number(5)), static_cast<char>(any_number(255)));
      return as_unsigned(text.size()) + text;
    });
  case 4:
    return same_bytes("timestamp", "timestamp", std::string(1, '\0'), [] { return as_signed(any_signed(64)); });
  case 5: {
    const auto* const type = maybe() ? "duration<min>" : "duration<[1/30]s>";
    return same_bytes(type, type, std::string(1, '\0'), [] { return as_signed(any_signed(40)); });
  }
  case 6:
    return decimal_number(changes);
  default:
    return same_bytes(
      "enum<uint8>{red = 1, blue = 200}", changes ? "enum<uint16>{red = 1}" : "enum<uint8>{red = 1, blue = 200}",
      std::string(1, '\0'), [] { return as_unsigned(any_bits(8)); });
  }
}

random_type optional(bool changes, int depth) {
  auto of = any_type(changes, depth);
  return {
    fmt::format("optional<{}>", of.stored), fmt::format("optional<{}>", of.wanted),
    [any = of.append](std::string& s, std::string& w) {
      const bool some = maybe();
      s += fixed(some);
      w += fixed(some);
      if (some)
        any(s, w);
    },
    fixed(false)};
}

random_type becomes_optional(int depth) {
  auto of = any_type(true, depth);
  if (of.stored.starts_with("optional<"))
    return of;
  return {
    of.stored, fmt::format("optional<{}>", of.wanted),
    [any = of.append](std::string& s, std::string& w) {
      w += fixed(true);
      any(s, w);
    },
    fixed(false), of.takes_bytes};
}

random_type element(bool changes, int depth) {
  auto any = any_type(changes, depth);
  return any.takes_bytes ? any : simple(changes);
}

random_type list(const std::string& form, const random_type& of) {
  return {
    fmt::format(fmt::runtime(form), of.stored), fmt::format(fmt::runtime(form), of.wanted),
    [any = of.append](std::string& s, std::string& w) {
      const auto size = any_number(3);
      s += as_unsigned(static_cast<std::uint64_t>(size));
      w += as_unsigned(static_cast<std::uint64_t>(size));
      for (int i = 0; i < size; ++i)
        any(s, w);
    },
    std::string(1, '\0')};
}

random_type hash_map(const random_type& key, const random_type& value) {
  return {
    fmt::format("hash_map<{}, {}>", key.stored, value.stored), fmt::format("hash_map<{}, {}>", key.wanted, value.wanted),
    [key = key.append, value = value.append](std::string& s, std::string& w) {
      std::map<std::string, std::string> stored, wanted; // as `encode` has them: in the order of their bytes
      for (auto left = any_number(3); left != 0; --left) {
        std::string stored_key, wanted_key, stored_value, wanted_value;
        key(stored_key, wanted_key);
        value(stored_value, wanted_value);
        stored[stored_key] = stored_value;
        wanted[wanted_key] = wanted_value;
      }
      const auto append = [](std::string& to, const auto& all) {
        to += as_unsigned(all.size());
        for (const auto& [k, v] : all)
          to += k + v;
      };
      append(s, stored);
      append(w, wanted);
    },
    std::string(1, '\0')};
}

random_type expiring(bool changes, int depth) {
  auto of = any_type(changes, depth);
  return {
    fmt::format("expiring<{}>", of.stored), fmt::format("expiring<{}>", of.wanted),
    [any = of.append](std::string& s, std::string& w) {
      const auto until = as_signed(any_signed(64));
      any(s, w);
      s += until;
      w += until;
    },
    of.begins_as + as_signed(std::numeric_limits<std::int64_t>::max())};
}

std::vector<random_type> parts(bool changes, int depth, int least) {
  std::vector<random_type> all;
  for (auto left = least + any_number(2); left != 0; --left)
    all.push_back(any_type(changes, depth));
  return all;
}

std::string listed(const std::vector<random_type>& all, std::string random_type::*form) {
  std::vector<std::string> texts;
  for (const auto& t : all)
    texts.push_back(t.*form);
  return fmt::format("{}", fmt::join(texts, ", "));
}

random_type tuple(bool changes, int depth) {
  const auto all = parts(changes, depth, 0);
  random_type made{
    fmt::format("({})", listed(all, &random_type::stored)), fmt::format("({})", listed(all, &random_type::wanted)), {}};
  made.append = [all](std::string& s, std::string& w) {
    for (const auto& part : all)
      part.append(s, w);
  };
  made.takes_bytes = std::any_of(all.begin(), all.end(), [](const auto& t) { return t.takes_bytes; });
  for (const auto& part : all)
    made.begins_as += part.begins_as;
  return made;
}

random_type variant(bool changes, int depth) {
  const auto all = parts(changes, depth, 1);
  const std::string added = changes && maybe() ? ", text" : "";
  return {
    fmt::format("variant<{}>", listed(all, &random_type::stored)),
    fmt::format("variant<{}{}>", listed(all, &random_type::wanted), added),
    [all](std::string& s, std::string& w) {
      const auto index = static_cast<std::size_t>(any_number(static_cast<int>(all.size()) - 1));
      s += as_unsigned(index);
      w += as_unsigned(index);
      all[index].append(s, w);
    },
    as_unsigned(0) + all.front().begins_as};
}

/// The first member is in both types, so that they are not strangers.
random_type record(bool changes, int depth) {
  struct member {
    random_type type;
    std::string name;
    bool was, is;
  };
  std::vector<member> stored;
  for (const auto& t : parts(changes, depth, 0)) {
    const auto fate = changes && !stored.empty() ? any_number(3) : 0;
    stored.push_back({t, fmt::format("m{}", stored.size()), fate != 1, fate != 2});
  }
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < stored.size(); ++i)
    order.insert(order.begin() + (changes ? any_number(static_cast<int>(i)) : static_cast<int>(i)), i);
  random_type made{"{", "{", {}};
  made.takes_bytes = !stored.empty() && stored.front().type.takes_bytes;
  const auto add = [](std::string& to, const std::string& name, const std::string& type) {
    to += fmt::format("{}{}: {}", to == "{" ? "" : ", ", name, type);
  };
  for (const auto& m : stored)
    if (m.was)
      add(made.stored, m.name, m.type.stored);
  for (const auto i : order)
    if (stored[i].is) {
      add(made.wanted, stored[i].name, stored[i].type.wanted);
      made.begins_as += stored[i].type.begins_as;
    }
  made.stored += '}';
  made.wanted += '}';
  made.append = [stored, order](std::string& s, std::string& w) {
    std::vector<std::string> values;
    for (const auto& m : stored) {
      auto [as_stored, as_wanted] = m.type.value();
      if (m.was)
        s += as_stored;
      values.push_back(m.was ? as_wanted : m.type.begins_as);
    }
    for (const auto i : order)
      if (stored[i].is)
        w += values[i];
  };
  return made;
}

} // namespace

random_type any_type(bool changes, int depth) {
  const auto of = depth - 1;
  if (depth == 0)
    return simple(changes);
  switch (any_number(10)) {
  case 0:
    return simple(changes);
  case 1:
    return optional(changes, of);
  case 2:
    return changes ? becomes_optional(of) : optional(false, of);
  case 3:
    return list("[{}]", element(changes, of));
  case 4:
    return list(maybe() ? "set<{}>" : "hash_set<{}>", element(false, of));
  case 5:
    return list("map<{}>", [&] {
      const auto key = element(false, of);
      auto entry = element(changes, of);
      entry.stored = fmt::format("{}, {}", key.stored, entry.stored);
      entry.wanted = fmt::format("{}, {}", key.wanted, entry.wanted);
      entry.append = [key = key.append, value = entry.append](std::string& s, std::string& w) {
        key(s, w);
        value(s, w);
      };
      return entry;
    }());
  case 6:
    return hash_map(element(false, of), element(changes, of));
  case 7:
    return tuple(changes, of);
  case 8:
    return record(changes, of);
  case 9:
    return variant(changes, of);
  default:
    return expiring(changes, of);
  }
}

} // namespace leat::testing
