#include <leat/base/encoded/type_change.hpp>

#include <leat/base/decimal.hpp>
#include <leat/base/encoded/encoded_text.hpp>
#include <leat/base/encoded/encoded_value.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <map>
#include <set>
#include <tuple>
#include <utility>

namespace leat {

/// What becomes of a type where it is to be another one.
struct type_change::node {
  const encoded_type* stored;
  const encoded_type* wanted;
  bool same = true;                       // the bytes stay as they are
  bool wraps = false;                     // the value becomes an optional of what the only part makes of it
  bool by_name = false;                   // a record of other members, or in another order
  std::vector<const node*> parts{};       // by the stored type's; null: dropped
  std::vector<std::size_t> members{};     // then, by the wanted one's: the stored member, or `none`
  std::vector<std::string> new_members{}; // the same: what those begin with that are new

  static constexpr std::size_t none = static_cast<std::size_t>(-1);
};

namespace {

/// Whether nobody can tell where a value ends: something in it is opaque to this program.
bool is_endless(const encoded_type& t, std::set<const encoded_type*>& seen) {
  if (!seen.insert(&t).second)
    return false;
  if (t.kind == encoded_kind::opaque)
    return !t.skip;
  return std::any_of(t.parts.begin(), t.parts.end(), [&](const auto& part) { return is_endless(*part.type, seen); });
}

/// The bytes of each member of a record made by default.
std::vector<std::string> default_members(const encoded_type& record) {
  std::string bytes;
  byte_writer to{bytes};
  write_default(record, to);
  byte_reader from{bytes};
  std::vector<std::string> members;
  for (const auto& part : record.parts) {
    const auto before = from.rest();
    read_past(*part.type, from);
    members.emplace_back(before.substr(0, before.size() - from.rest().size()));
  }
  return members;
}

bool is_whole_number(const encoded_type& t) {
  return t.kind == encoded_kind::signed_number || t.kind == encoded_kind::unsigned_number;
}

std::size_t member_named(const encoded_type& record, std::string_view name) {
  const auto found = std::find_if(record.parts.begin(), record.parts.end(), [&](const auto& p) { return p.name == name; });
  return static_cast<std::size_t>(found - record.parts.begin());
}

} // namespace

/// Goes through two types side by side.
class type_change::comparison {
public:
  explicit comparison(type_change& change) : change_{change} {}

  /// @param is_key whether nothing may differ.
  const node* compare(const encoded_type& stored, const encoded_type& wanted, const std::string& path, bool is_key) {
    const nesting deeper{depth_};
    const auto [known, is_new] = known_.try_emplace({&stored, &wanted, is_key});
    if (!is_new)
      return known->second;
    auto& n = *change_.nodes_.emplace_back(std::make_unique<node>(node{&stored, &wanted}));
    known->second = &n;
    if (wanted.kind == encoded_kind::optional && stored.kind != encoded_kind::optional && !is_key) {
      n.same = false;
      n.wraps = true;
      n.parts.push_back(compare(stored, wanted.element(), path, is_key));
      note(path, "is now optional");
    } else if (stored.kind == wanted.kind) {
      compare_same_kind(n, path, is_key);
    } else if (wanted.kind == encoded_kind::decimal && is_whole_number(stored) && !is_key) {
      n.same = false;
      note(path, differs(n));
    } else {
      refuse(n, path, is_key);
    }
    return &n;
  }

  /// What contains something that is rewritten has to be rewritten; types that contain themselves make it go round.
  void spread_changes() {
    bool again = true;
    while (std::exchange(again, false))
      for (const auto& n : change_.nodes_)
        if (n->same && std::any_of(n->parts.begin(), n->parts.end(), [](const node* part) { return !part->same; })) {
          n->same = false;
          again = true;
        }
  }

private:
  void compare_same_kind(node& n, const std::string& path, bool is_key) {
    const auto &stored = *n.stored, &wanted = *n.wanted;
    switch (wanted.kind) {
    case encoded_kind::nothing:
    case encoded_kind::boolean:
    case encoded_kind::decimal:
    case encoded_kind::text:
    case encoded_kind::timestamp:
    case encoded_kind::any_message:
      return;
    case encoded_kind::unsigned_number:
    case encoded_kind::signed_number:
    case encoded_kind::floating:
      return compare_numbers(n, path, is_key);
    case encoded_kind::duration:
      if (stored.num != wanted.num || stored.den != wanted.den)
        refuse(n, path, is_key);
      return;
    case encoded_kind::enumeration:
      return compare_enums(n, path, is_key);
    case encoded_kind::optional:
      return compare_parts(n, path, is_key, [](std::size_t) { return ""; });
    case encoded_kind::expiring:
      return compare_parts(n, path, is_key, [](std::size_t) { return ""; });
    case encoded_kind::list:
      return compare_parts(n, path, is_key, [](std::size_t) { return "[]"; });
    case encoded_kind::set:
      return compare_parts(n, path, true, [](std::size_t) { return "[key]"; });
    case encoded_kind::map:
      return compare_parts(n, path, is_key, [](std::size_t i) { return i == 0 ? "[key]" : "[]"; });
    case encoded_kind::tuple:
      return compare_parts(n, path, is_key, [](std::size_t i) { return fmt::format("({})", i + 1); });
    case encoded_kind::variant:
      return compare_parts(n, path, is_key, [](std::size_t i) { return fmt::format("<{}>", i + 1); });
    case encoded_kind::record:
      return compare_records(n, path, is_key);
    case encoded_kind::message:
      return compare_messages(n, path, is_key);
    case encoded_kind::opaque:
      if (stored.name != wanted.name)
        refuse(n, path, is_key);
    }
  }

  /// By the rules of Protobuf, the bytes stay what they are: fields are found by their numbers.
  void compare_messages(node& n, const std::string& path, bool is_key) {
    const auto before = message_definition(*n.stored);
    if (message_name(*n.stored) != message_name(*n.wanted))
      return refuse(n, path, is_key);
    if (before == message_definition(*n.wanted))
      return;
    const auto why = n.wanted->message ? n.wanted->message->clash(before) : std::string{};
    if (!why.empty())
      add(change_.refused_, path, why);
    else if (is_key)
      refuse(n, path, is_key);
    else
      note(path, fmt::format("has another definition of {}", message_name(*n.wanted)));
  }

  void compare_numbers(node& n, const std::string& path, bool is_key) {
    if (n.stored->size == n.wanted->size)
      return;
    const bool widens = n.stored->size < n.wanted->size;
    const bool converts = n.wanted->kind != encoded_kind::floating || n.wanted->size == sizeof(double);
    if (is_key || !widens || !converts)
      return refuse(n, path, is_key);
    n.same = n.wanted->kind != encoded_kind::floating; // integers are written without regard to their width
    note(path, differs(n));
  }

  void compare_enums(node& n, const std::string& path, bool is_key) {
    for (const auto& now : n.wanted->enumerators)
      for (const auto& was : n.stored->enumerators)
        if (now.name == was.name && now.number != was.number)
          add(change_.refused_, path, fmt::format("{} was {}, is now {}", was.name, was.number, now.number));
    n.parts.push_back(compare(n.stored->element(), n.wanted->element(), path, is_key));
  }

  /// Parts that have places, not names. @param place how the path goes on for each.
  template <class Place>
  void compare_parts(node& n, const std::string& path, bool is_key, Place&& place) {
    const auto &was = n.stored->parts, &is = n.wanted->parts;
    const bool grows = n.wanted->kind == encoded_kind::variant && was.size() < is.size() && !is_key;
    if (n.stored->hashed != n.wanted->hashed || (was.size() != is.size() && !grows))
      return refuse(n, path, is_key);
    for (std::size_t i = 0; i < was.size(); ++i)
      n.parts.push_back(compare(
        *was[i].type, *is[i].type, path + std::string{place(i)},
        is_key || (n.wanted->kind == encoded_kind::map && i == 0)));
    for (auto i = was.size(); i < is.size(); ++i)
      note(path + std::string{place(i)}, fmt::format("is new, {}", shown_type_text(*is[i].type)));
  }

  void compare_records(node& n, const std::string& path, bool is_key) {
    const auto &was = n.stored->parts, &is = n.wanted->parts;
    const bool same_names = std::equal(
      was.begin(), was.end(), is.begin(), is.end(), [](const auto& w, const auto& i) { return w.name == i.name; });
    const bool none_left =
      std::none_of(was.begin(), was.end(), [&](const auto& w) { return member_named(*n.wanted, w.name) != is.size(); });
    if (!same_names && (is_key || (none_left && !was.empty() && !is.empty())))
      return refuse(n, path, is_key);
    for (const auto& part : was)
      n.parts.push_back(compare_member(part, *n.wanted, path, is_key));
    if (same_names)
      return;
    n.same = false;
    n.by_name = true;
    const auto defaults = default_members(*n.wanted);
    for (std::size_t i = 0; i < is.size(); ++i) {
      const auto at = member_named(*n.stored, is[i].name);
      const bool gained = at == was.size();
      n.members.push_back(gained ? node::none : at);
      n.new_members.push_back(gained ? defaults[i] : std::string{});
      if (gained)
        note(member_path(path, is[i].name), "is new, and begins as " + value_text(is[i].type, defaults[i]));
    }
    if (was.size() == is.size() && std::count(n.members.begin(), n.members.end(), node::none) == 0)
      note(path, "has its members in another order");
  }

  const node*
  compare_member(const encoded_type::part& was, const encoded_type& wanted, const std::string& path, bool is_key) {
    const auto here = member_path(path, was.name);
    const auto at = member_named(wanted, was.name);
    if (at != wanted.parts.size())
      return compare(*was.type, *wanted.parts[at].type, here, is_key);
    std::set<const encoded_type*> seen;
    if (is_endless(*was.type, seen))
      add(
        change_.refused_, here,
        "is gone, and with it the code that could tell where its bytes end: keep the member, or have its type say with "
        "encoded_as what it writes");
    note(here, "is gone");
    return nullptr;
  }

  static std::string member_path(const std::string& path, std::string_view name) {
    return path.empty() ? std::string{name} : fmt::format("{}.{}", path, name);
  }

  static std::string differs(const node& n) {
    return fmt::format("was {}, is now {}", shown_type_text(*n.stored), shown_type_text(*n.wanted));
  }

  void refuse(const node& n, const std::string& path, bool is_key) {
    add(change_.refused_, path, differs(n) + (is_key ? ", and keys may not change" : ""));
  }

  void note(const std::string& path, const std::string& what) { add(change_.converted_, path, what); }

  static void add(std::vector<std::string>& to, const std::string& path, const std::string& what) {
    to.push_back(path.empty() ? what : fmt::format("{}: {}", path, what));
  }

  type_change& change_;
  std::map<std::tuple<const encoded_type*, const encoded_type*, bool>, const node*> known_;
  unsigned depth_ = 0;
};

/// Rewrites one value. What stays as it is, is read as of the wanted type, which includes the stored one and knows where its
/// opaque values end.
class type_change::conversion {
public:
  explicit conversion(byte_reader& from) : from_{from} {}

  void convert(const node& n, byte_writer& to) {
    const nesting deeper{depth_};
    const auto before = from_.rest();
    if (n.same) {
      read_past(*n.wanted, from_);
      return to.raw(before.substr(0, before.size() - from_.rest().size()));
    }
    if (n.wraps) {
      to.fixed(true);
      return convert(*n.parts.front(), to);
    }
    switch (n.wanted->kind) {
    case encoded_kind::decimal:
      return n.stored->kind == encoded_kind::signed_number ? decimal{signed_value(*n.stored, from_)}.encode(to)
                                                           : decimal{unsigned_value(*n.stored, from_)}.encode(to);
    case encoded_kind::floating:
      return to.fixed(static_cast<double>(from_.fixed<float>()));
    case encoded_kind::optional:
      return convert_optional(n, to);
    case encoded_kind::list:
    case encoded_kind::map:
      return convert_elements(n, to);
    case encoded_kind::variant:
      return convert_variant(n, to);
    case encoded_kind::expiring:
      return convert_parts(n, to), to.signed_number(from_.signed_number());
    case encoded_kind::record:
      return n.by_name ? convert_record(n, to) : convert_parts(n, to);
    default:
      return convert_parts(n, to);
    }
  }

private:
  void convert_optional(const node& n, byte_writer& to) {
    const bool some = from_.fixed<bool>();
    to.fixed(some);
    if (some)
      convert_parts(n, to);
  }

  /// Keys stay what they are, and so does the order, hashed or not.
  void convert_elements(const node& n, byte_writer& to) {
    const auto size = from_.size();
    to.unsigned_number(size);
    for (std::size_t i = 0; i < size; ++i)
      convert_parts(n, to);
  }

  void convert_variant(const node& n, byte_writer& to) {
    const auto index = alternative_value(*n.stored, from_);
    to.unsigned_number(index);
    convert(*n.parts[index], to);
  }

  /// Members are read in the one order and written in the other.
  void convert_record(const node& n, byte_writer& to) {
    std::vector<std::string> members{n.parts.size()};
    for (std::size_t i = 0; i < members.size(); ++i) {
      byte_writer member{members[i]};
      n.parts[i] ? convert(*n.parts[i], member) : read_past(*n.stored->parts[i].type, from_);
    }
    for (std::size_t i = 0; i < n.members.size(); ++i)
      to.raw(n.members[i] == node::none ? n.new_members[i] : members[n.members[i]]);
  }

  void convert_parts(const node& n, byte_writer& to) {
    for (const auto* const part : n.parts)
      convert(*part, to);
  }

  byte_reader& from_;
  unsigned depth_ = 0;
};

type_change::type_change(const encoded_type& stored, const encoded_type& wanted, changing what) {
  comparison sides{*this};
  root_ = sides.compare(stored, wanted, {}, what == changing::key);
  sides.spread_changes();
}

type_change::~type_change() = default;
type_change::type_change(type_change&&) noexcept = default;

bool type_change::same_bytes() const noexcept { return possible() && root_->same; }

void type_change::convert(byte_reader& from, byte_writer& to) const { conversion{from}.convert(*root_, to); }

} // namespace leat
