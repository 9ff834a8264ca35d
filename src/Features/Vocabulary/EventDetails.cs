using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace EventFiles.Features.Vocabulary;

/// <summary>Shows any slice's event without knowing it, except the fields that bear <see cref="HiddenAttribute"/>.</summary>
public static class EventDetails
{
    /// <summary>What stands where something of another person is left out.</summary>
    public const string Withheld = "[another person's]";

    private static readonly JsonSerializerOptions Open = Showing(_ => true);
    private static readonly JsonSerializerOptions OwnByOneself = Showing(of => of is PersonalOf.Owner or PersonalOf.Actor);
    private static readonly JsonSerializerOptions OwnByAnother = Showing(of => of is PersonalOf.Owner);
    private static readonly JsonSerializerOptions OfAnother = Showing(_ => false);

    /// <summary>All fields.</summary>
    public static JsonElement Of(object fact) => JsonSerializer.SerializeToElement(fact, fact.GetType(), Open);

    /// <summary>
    /// The fields as one person may have them: what is personal to others reads <see cref="Withheld"/>. Everything that is
    /// personal in another's stream is another's.
    /// </summary>
    public static JsonElement For(AccountId person, RecordedEvent happened)
    {
        ArgumentNullException.ThrowIfNull(happened);
        return JsonSerializer.SerializeToElement(
            happened.Fact, happened.Fact.GetType(),
            happened.Stream.Tenant != person ? OfAnother : happened.Actor == person ? OwnByOneself : OwnByAnother);
    }

    private static JsonSerializerOptions Showing(Func<PersonalOf, bool> isShown) => new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { type => Reduce(type, isShown) } },
    };

    private static void Reduce(JsonTypeInfo type, Func<PersonalOf, bool> isShown)
    {
        for (var index = type.Properties.Count - 1; index >= 0; index--)
        {
            var property = type.Properties[index];
            if (Mark<HiddenAttribute>(property) is not null)
                type.Properties.RemoveAt(index);
            else if (Mark<PersonalAttribute>(property) is { } personal && !isShown(personal.Of) && property.Get is { } get)
                property.Get = fact => get(fact) is null or PersonalAttribute.Erased ? get(fact) : Withheld;
        }
    }

    // On a record's positional property the attribute stands on the constructor's parameter.
    private static TMark? Mark<TMark>(JsonPropertyInfo property) where TMark : Attribute =>
        Mark<TMark>(property.AttributeProvider) ?? Mark<TMark>(property.AssociatedParameter?.AttributeProvider);

    private static TMark? Mark<TMark>(ICustomAttributeProvider? declared) where TMark : Attribute =>
        declared?.GetCustomAttributes(typeof(TMark), inherit: true).OfType<TMark>().FirstOrDefault();
}
