using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace EventFiles.Infrastructure.EventStore;

/// <summary>Where in a type's JSON the personal fields are, and the walk that exchanges their values.</summary>
internal sealed class PersonalPlan
{
    private static readonly PersonalPlan Leaf = new([], null);

    private readonly Dictionary<string, PersonalPlan> members;
    private readonly PersonalPlan? each;

    private PersonalPlan(Dictionary<string, PersonalPlan> members, PersonalPlan? each) =>
        (this.members, this.each) = (members, each);

    /// <summary>The plan of a type; null when nothing in it is personal.</summary>
    /// <exception cref="InvalidOperationException">A personal field is not a string, or the type contains itself.</exception>
    public static PersonalPlan? Of(JsonTypeInfo type) => Of(type, []);

    /// <summary>The plan of a shape that no type has any more; null when nothing in it was personal.</summary>
    /// <param name="pointers">JSON pointers (RFC 6901) to texts; <c>*</c> stands for every element of a list.</param>
    public static PersonalPlan? Of(IReadOnlyList<string> pointers) =>
        Of([.. pointers.Select(pointer => pointer.Split('/')[1..])]);

    /// <summary>Copies JSON, with every personal string that is not null replaced.</summary>
    /// <param name="exchange">Gets the field's JSON pointer and its value, and gives what shall stand there.</param>
    public void Rewrite(ReadOnlySpan<byte> json, Utf8JsonWriter to, Func<string, string, string> exchange)
    {
        var reader = new Utf8JsonReader(json);
        reader.Read();
        Copy(ref reader, json, to, this, "", exchange);
        to.Flush();
    }

    private static void Copy(
        ref Utf8JsonReader from, ReadOnlySpan<byte> json, Utf8JsonWriter to, PersonalPlan? plan, string path,
        Func<string, string, string> exchange)
    {
        switch (from.TokenType)
        {
            case JsonTokenType.String when plan == Leaf:
                to.WriteStringValue(exchange(path, from.GetString()!));
                break;

            case JsonTokenType.StartObject when plan is not null:
                to.WriteStartObject();
                while (from.Read() && from.TokenType == JsonTokenType.PropertyName)
                {
                    var name = from.GetString()!;
                    to.WritePropertyName(name);
                    from.Read();
                    var inner = plan.each ?? plan.members.GetValueOrDefault(name);
                    Copy(ref from, json, to, inner, inner is null ? path : $"{path}/{Escaped(name)}", exchange);
                }

                to.WriteEndObject();
                break;

            case JsonTokenType.StartArray when plan is not null:
                to.WriteStartArray();
                for (var index = 0; from.Read() && from.TokenType != JsonTokenType.EndArray; index++)
                    Copy(ref from, json, to, plan.each, string.Create(CultureInfo.InvariantCulture, $"{path}/{index}"), exchange);
                to.WriteEndArray();
                break;

            default:
                var start = (int)from.TokenStartIndex;
                from.Skip();
                to.WriteRawValue(json[start..(int)from.BytesConsumed], skipInputValidation: true);
                break;
        }
    }

    private static PersonalPlan? Of(string[][] paths)
    {
        if (paths.Length == 0)
            return null;
        if (paths.Any(path => path.Length == 0))
            return Leaf;
        var inner = paths.GroupBy(path => path[0], path => path[1..], StringComparer.Ordinal)
            .ToDictionary(member => Unescaped(member.Key), member => Of([.. member])!, StringComparer.Ordinal);
        return new PersonalPlan(inner, inner.GetValueOrDefault("*"));
    }

    // RFC 6901.
    private static string Unescaped(string name) =>
        name.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);

    private static string Escaped(string name) =>
        name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);

    private static PersonalPlan? Of(JsonTypeInfo type, HashSet<Type> around)
    {
        if (type.Kind is JsonTypeInfoKind.None)
            return null;
        if (!around.Add(type.Type))
            throw new InvalidOperationException($"{type.Type} contains itself: an event is a plain fact.");

        var plan = type.Kind is JsonTypeInfoKind.Object
            ? OfMembers(type, around)
            : type.ElementType is { } element && Of(type.Options.GetTypeInfo(element), around) is { } each
                ? new PersonalPlan([], each)
                : null;
        around.Remove(type.Type);
        return plan;
    }

    private static PersonalPlan? OfMembers(JsonTypeInfo type, HashSet<Type> around)
    {
        var found = new Dictionary<string, PersonalPlan>(StringComparer.Ordinal);
        foreach (var property in type.Properties)
        {
            if (IsPersonal(type.Type, property))
            {
                found.Add(property.Name, property.PropertyType == typeof(string)
                    ? Leaf
                    : throw new InvalidOperationException($"{type.Type}.{property.Name} is personal and not a string."));
            }
            else if (Of(type.Options.GetTypeInfo(property.PropertyType), around) is { } inner)
            {
                found.Add(property.Name, inner);
            }
        }

        return found.Count > 0 ? new PersonalPlan(found, null) : null;
    }

    // On a positional record the attribute sits on the constructor's parameter.
    private static bool IsPersonal(Type owner, JsonPropertyInfo property) =>
        property.AttributeProvider is MemberInfo member
        && (member.IsDefined(typeof(PersonalAttribute), inherit: true)
            || owner.GetConstructors()
                .SelectMany(constructor => constructor.GetParameters())
                .Any(parameter => string.Equals(parameter.Name, member.Name, StringComparison.Ordinal) && parameter.IsDefined(typeof(PersonalAttribute), inherit: true)));
}
