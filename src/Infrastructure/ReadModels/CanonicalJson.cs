using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace EventFiles.Infrastructure.ReadModels;

/// <summary>
/// Views as JSON, the same bytes for the same view on every machine: properties as declared, the keys of a dictionary and
/// the elements of a set sorted. So two views are equal when their bytes are, and a digest means something.
/// </summary>
internal static class CanonicalJson
{
    private static readonly JsonSerializerOptions Reading = Options(new JsonStringEnumConverter(JsonNamingPolicy.CamelCase));

    private static readonly JsonSerializerOptions Writing = Options(
        new JsonStringEnumConverter(JsonNamingPolicy.CamelCase), new Sorted());

    public static byte[] Write(object view) => JsonSerializer.SerializeToUtf8Bytes(view, Writing.GetTypeInfo(view.GetType()));

    /// <summary>The view again. A property that a former shape did not have gets its type's default.</summary>
    public static object Read(Type view, ReadOnlySpan<byte> json) =>
        JsonSerializer.Deserialize(json, Reading.GetTypeInfo(view))
        ?? throw new InvalidOperationException($"A stored {view.Name} is null.");

    private static JsonSerializerOptions Options(params ReadOnlySpan<JsonConverter> converters)
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web)
        {
            // It escapes what would matter in a page of HTML only; names in other scripts are half as long.
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { AsDeclared } },
        };
        foreach (var converter in converters)
            options.Converters.Add(converter);
        options.MakeReadOnly();
        return options;
    }

    // The serializer takes the properties as reflection gives them, which promises no order.
    private static void AsDeclared(JsonTypeInfo type)
    {
        foreach (var property in type.Properties)
            property.Order = (property.AttributeProvider as System.Reflection.MemberInfo)?.MetadataToken ?? 0;
    }

    /// <summary>Dictionaries and sets have no order of their own: here they get one.</summary>
    private sealed class Sorted : JsonConverterFactory
    {
        public override bool CanConvert(Type typeToConvert) => ConverterOf(typeToConvert) is not null;

        public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options) =>
            (JsonConverter)Activator.CreateInstance(ConverterOf(typeToConvert)!)!;

        private static Type? ConverterOf(Type type) =>
            Implemented(type, typeof(IReadOnlyDictionary<,>)) is { } map
                ? typeof(SortedMap<,,>).MakeGenericType([type, .. map.GetGenericArguments()])
                : Implemented(type, typeof(IReadOnlySet<>)) is { } set
                    ? typeof(SortedSet<,>).MakeGenericType([type, .. set.GetGenericArguments()])
                    : null;

        private static Type? Implemented(Type type, Type definition) =>
            type.GetInterfaces().Append(type).FirstOrDefault(one =>
                one.IsGenericType && one.GetGenericTypeDefinition() == definition);
    }

    private sealed class SortedMap<TMap, TKey, TValue> : WrittenOnly<TMap> where TMap : IReadOnlyDictionary<TKey, TValue>
    {
        public override void Write(Utf8JsonWriter writer, TMap value, JsonSerializerOptions options)
        {
            writer.WriteStartObject();
            foreach (var (name, member) in value.Select(pair => (Name(pair.Key, options), pair.Value)).OrderBy(pair => pair.Item1, StringComparer.Ordinal))
            {
                writer.WritePropertyName(name);
                JsonSerializer.Serialize(writer, member, options);
            }

            writer.WriteEndObject();
        }

        private static string Name(TKey key, JsonSerializerOptions options)
        {
            var json = JsonSerializer.SerializeToElement(key, options);
            return json.ValueKind is JsonValueKind.String ? json.GetString()! : json.GetRawText();
        }
    }

    private sealed class SortedSet<TSet, TItem> : WrittenOnly<TSet> where TSet : IReadOnlySet<TItem>
    {
        public override void Write(Utf8JsonWriter writer, TSet value, JsonSerializerOptions options)
        {
            writer.WriteStartArray();
            foreach (var item in value.Select(item => JsonSerializer.Serialize(item, options)).Order(StringComparer.Ordinal))
                writer.WriteRawValue(item, skipInputValidation: true);
            writer.WriteEndArray();
        }
    }

    private abstract class WrittenOnly<T> : JsonConverter<T>
    {
        public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            throw new NotSupportedException("Other options read what these write.");
    }
}
