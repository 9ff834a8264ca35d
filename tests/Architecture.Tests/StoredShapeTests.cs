using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using EventFiles.Infrastructure.Encryption;
using EventFiles.Infrastructure.EventStore;

namespace EventFiles.Architecture.Tests;

/// <summary>Every shape that was ever written is read by today's program, and none changes under its name.</summary>
public sealed class StoredShapeTests
{
    private const string Accepted = "StoredEvents.verified.txt";

    private static readonly EventTypes Types = new(new Slices([.. StoredFormTests.Slices]));

    private static readonly JsonSerializerOptions Readable = new(EventTypes.Json) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static TheoryData<string> Names => [.. StoredSample.All.Keys];

    [Fact]
    public void Stored_events_are_what_was_accepted()
    {
        var shipped = Parse(Snapshot.Accepted(Accepted));
        var complaints = StoredShapes.Complaints(StoredFormTests.Slices, shipped, [.. StoredSample.All.Keys]).ToList();

        // What is received adds what is new and leaves every shipped line as it was.
        var grown = StoredShapes.Written(StoredFormTests.Slices);
        foreach (var (name, shape) in shipped)
            grown[name] = shape;
        Assert.DoesNotContain(complaints, complaint => !complaint.Contains(" is new: ", StringComparison.Ordinal));
        Snapshot.Matches(string.Join('\n', grown.Select(stored => $"{stored.Key}: {stored.Value}")), Accepted);
    }

    [Fact]
    public void What_was_stored_is_read_as_it_was_accepted() =>
        Snapshot.Matches(
            string.Join('\n', StoredSample.All.Select(sample =>
                $"{sample.Key} is {Types.Named(sample.Key).Type.Name}: {Json(sample.Value.Read(Types, sample.Key))}")),
            "StoredSamples.verified.txt");

    // Their rows go with whoever wrote them, and all that is in a row goes at once. Where an actor's address is noted, or what they were refused, it is sealed under their own key.
    [Fact]
    public void Where_somebody_elses_stream_holds_an_actors_words_nothing_else_is_personal_and_erasure_knows_it()
    {
        string[] ownStream = ["audit.address-noted.v1", "audit.refused.v1"];
        var whose = Names.Select(row => row.Data).ToDictionary(
            name => name,
            name => Types.Named(name).Type.Json.Properties.Select(field => StoredShapes.Mark<PersonalAttribute>(field)?.Of).OfType<PersonalOf>().ToHashSet(),
            StringComparer.Ordinal);
        var told = whose.Where(one => one.Value.Contains(PersonalOf.Actor)).ToList();

        Assert.All(told, one => Assert.Equal([PersonalOf.Actor], one.Value));
        Assert.Equal(TracePlaces.WordsOfActors.Order(StringComparer.Ordinal), told.Select(one => one.Key).Except(ownStream, StringComparer.Ordinal).Order(StringComparer.Ordinal));
    }

    [Theory, MemberData(nameof(Names))]
    public void Without_its_private_row_it_is_read_and_tells_nothing(string name)
    {
        var sample = StoredSample.All[name];
        var read = Json(sample.Read(Types, name, isErased: true));

        Assert.All(sample.Private?.Values ?? Enumerable.Empty<string>(), value => Assert.DoesNotContain(value, read, StringComparison.Ordinal));
        Assert.All(sample.Private?.Keys ?? Enumerable.Empty<string>(), pointer => Assert.DoesNotContain(At(sample.Data, pointer), read, StringComparison.Ordinal));
    }

    [Theory, MemberData(nameof(Names))]
    public void Its_commitments_still_open(string name)
    {
        var sample = StoredSample.All[name];
        Assert.All(sample.Private ?? [], field => Assert.Equal(
            PersonalFields.Commitment(sample.Id, field.Key, sample.Salt!, field.Value), At(sample.Data, field.Key)));
    }

    [Theory, MemberData(nameof(Names))]
    public void What_is_written_today_is_written_as_the_sample_shows(string name)
    {
        if (Types.Named(name).Type.Name != name)
            return;
        var sample = StoredSample.All[name];
        var written = JsonNode.Parse(Json(sample.Read(Types, name)))!.AsObject();
        foreach (var pointer in sample.Private?.Keys ?? Enumerable.Empty<string>())
            Node(written, pointer).ReplaceWith(At(sample.Data, pointer));

        Assert.True(JsonNode.DeepEquals(sample.Data, written), $"{written.ToJsonString()} is written, {sample.Data.ToJsonString()} was.");
    }

    private static Dictionary<string, string> Parse(string accepted) => accepted.Split('\n', StringSplitOptions.RemoveEmptyEntries)
        .Select(line => line.Split(": ", 2)).ToDictionary(line => line[0], line => line[1], StringComparer.Ordinal);

    private static string Json(object fact) => JsonSerializer.Serialize(fact, fact.GetType(), Readable);

    private static string At(JsonObject data, string pointer) => Node(data, pointer).GetValue<string>();

    private static JsonNode Node(JsonObject data, string pointer) =>
        pointer[1..].Split('/').Aggregate((JsonNode)data, (node, step) => node is JsonArray list ? list[int.Parse(step, System.Globalization.CultureInfo.InvariantCulture)]! : node[step]!);
}
