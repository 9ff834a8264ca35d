using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace EventFiles.Features.Audit;

/// <summary>Shows any slice's event without knowing it.</summary>
internal static class AuditDetails
{
    private static readonly JsonSerializerOptions Shown = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { LeaveOutHidden } },
    };

    /// <summary>The event's fields, except those that bear <see cref="HiddenAttribute"/>.</summary>
    public static JsonElement Of(object fact) => JsonSerializer.SerializeToElement(fact, fact.GetType(), Shown);

    private static void LeaveOutHidden(JsonTypeInfo type)
    {
        for (var index = type.Properties.Count - 1; index >= 0; index--)
        {
            if (IsHidden(type.Properties[index]))
                type.Properties.RemoveAt(index);
        }
    }

    // On a record's positional property the attribute stands on the constructor's parameter.
    private static bool IsHidden(JsonPropertyInfo property) =>
        IsMarked(property.AttributeProvider) || IsMarked(property.AssociatedParameter?.AttributeProvider);

    private static bool IsMarked(ICustomAttributeProvider? declared) =>
        declared?.IsDefined(typeof(HiddenAttribute), inherit: true) ?? false;
}
