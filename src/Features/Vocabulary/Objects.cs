using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace EventFiles.Features.Vocabulary;

/// <summary>Where an object's bytes are. Says nothing about the person they belong to.</summary>
/// <param name="Value">An area and ids: <c>raw/0197…</c>, <c>processed/0197…/1/thumbnail</c>.</param>
[JsonConverter(typeof(ObjectKeyJson))]
public readonly record struct ObjectKey(string Value)
{
    /// <summary>The bytes of one upload, as they came.</summary>
    public static ObjectKey Raw(UploadId upload) => new($"raw/{upload}");

    /// <summary>A part of an upload's bytes that came by itself and will be made one with the others.</summary>
    /// <param name="number">1 and up.</param>
    public static ObjectKey Part(UploadId upload, int number) =>
        new(string.Create(CultureInfo.InvariantCulture, $"{PartsOf(upload)}{number}"));

    /// <summary>The beginning of the keys of all such parts.</summary>
    public static string PartsOf(UploadId upload) => $"parts/{upload}/";

    /// <summary>What a processor made of one version of a file.</summary>
    public static ObjectKey Variant(FileId file, int version, string name) => new($"processed/{file}/{version}/{name}");

    /// <summary>The beginning of the keys of all that was made of a file.</summary>
    public static string VariantsOf(FileId file) => $"processed/{file}/";

    /// <summary>The same of one version.</summary>
    public static string VariantsOf(FileId file, int version) =>
        string.Create(CultureInfo.InvariantCulture, $"processed/{file}/{version}/");

    /// <summary>The beginning of the keys of all copies of checkpoints of the log.</summary>
    public const string Checkpoints = "checkpoints/";

    /// <summary>A copy of a checkpoint of the log: public, and not encrypted.</summary>
    /// <param name="from">When the time begins for which it is the only one.</param>
    public static ObjectKey Checkpoint(DateTimeOffset from) =>
        new(string.Create(CultureInfo.InvariantCulture, $"{Checkpoints}{from.UtcDateTime:yyyyMMdd-HHmmss}"));

    /// <summary>What was written for an export.</summary>
    /// <param name="attempt">Of two who are at it each writes its own.</param>
    /// <param name="document">A word: <c>events</c>.</param>
    public static ObjectKey Export(ExportId export, Guid attempt, string document) => new($"{ExportsOf(export)}{attempt}/{document}");

    /// <summary>The beginning of the keys of all that was written for an export.</summary>
    public static string ExportsOf(ExportId export) => $"exports/{export}/";

    /// <summary>A picture that a person is shown by.</summary>
    public static ObjectKey Avatar(AccountId account, AvatarId avatar) => new($"{AvatarsOf(account)}{avatar}");

    /// <summary>The beginning of the keys of all such pictures of a person: at most one is in use.</summary>
    public static string AvatarsOf(AccountId account) => $"avatars/{account}/";

    /// <summary>Whose picture it is, and which; null for any other object.</summary>
    public (AccountId Account, AvatarId Avatar)? AsAvatar() => Value.Split('/') is ["avatars", var account, var avatar]
        && Guid.TryParseExact(account, "D", out var whose)
        && Guid.TryParseExact(avatar, "D", out var id)
            ? (new AccountId(whose), new AvatarId(id))
            : null;

    /// <summary>The upload whose bytes these are; null for any other object.</summary>
    public UploadId? AsRaw() => Value.Split('/') is ["raw", var upload] && Guid.TryParseExact(upload, "D", out var id)
        ? new UploadId(id)
        : null;

    /// <summary>Of which upload it is a part, and which; null for any other object.</summary>
    public (UploadId Upload, int Number)? AsPart() => Value.Split('/') is ["parts", var upload, var number]
        && Guid.TryParseExact(upload, "D", out var id)
        && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var place)
            ? (new UploadId(id), place)
            : null;

    /// <summary>Of what it was made, and its name; null for any other object.</summary>
    public (FileId File, int Version, string Name)? AsVariant() =>
        Value.Split('/') is ["processed", var file, var version, var name]
        && Guid.TryParseExact(file, "D", out var id)
        && int.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? (new FileId(id), number, name)
            : null;

    public override string ToString() => Value;
}

/// <summary>A finished, immutable object.</summary>
/// <param name="SizeBytes">Plain bytes.</param>
/// <param name="Sha256">
/// Lower-case hex over the plain bytes. Personal: it tells what the content is. Only below encryption it may be empty.
/// </param>
public sealed record SealedObject(ObjectKey Key, long SizeBytes, string Sha256);

/// <summary>An object as a list shows it.</summary>
/// <param name="SizeBytes">Of one that grows, as far as it has grown; of one that is compressed, as much as that is.</param>
/// <param name="StoredAt">When it was last written, by the store's own clock.</param>
public sealed record StoredObject(ObjectKey Key, long SizeBytes, DateTimeOffset StoredAt);

/// <summary>
/// The one way to file bytes, and the place that encrypts them. Everything streams: memory is bounded whatever the
/// size. What a call reported done survives a crash of the process and of the machine.
/// </summary>
public interface IObjects
{
    /// <summary>
    /// The same objects, for writing: what is written there is encrypted under this person's key, and is lost for good when
    /// that key is destroyed. What is written otherwise belongs to the installation. Reading needs no owner.
    /// </summary>
    IObjects OwnedBy(AccountId owner) => this;

    /// <summary>
    /// Writes a whole object and makes it durable. On any failure, cancellation included, nothing stays behind. An object
    /// of that key that is there already is replaced in one step: readers see the old bytes or the new.
    /// </summary>
    Task<SealedObject> Put(ObjectKey key, Stream content, CancellationToken cancel);

    /// <summary>
    /// Adds bytes to an object that grows, creating it when <paramref name="offset"/> is 0. What arrived before a broken
    /// <paramref name="content"/> is kept and durable.
    /// </summary>
    /// <param name="offset">
    /// Must be the length that is there; anything else throws <see cref="OffsetMismatchException"/>, and so does an append
    /// or a seal while another append to the object is running.
    /// </param>
    /// <returns>The new length in bytes.</returns>
    Task<long> Append(ObjectKey key, long offset, Stream content, CancellationToken cancel);

    /// <summary>The durable length of an object that grows; null when there is none.</summary>
    Task<long?> GrowingLength(ObjectKey key, CancellationToken cancel);

    /// <summary>Makes an object that grew immutable and readable; safe to repeat.</summary>
    /// <exception cref="FileNotFoundException">There is no such object, growing or sealed.</exception>
    Task<SealedObject> Seal(ObjectKey key, CancellationToken cancel);

    /// <summary>A seekable stream over a sealed object; null when there is none.</summary>
    Task<Stream?> Open(ObjectKey key, CancellationToken cancel);

    /// <summary>Removes an object, sealed or growing; one that is not there is no error.</summary>
    Task Delete(ObjectKey key, CancellationToken cancel);

    /// <summary>Removes an object that a list has shown, unless it was written or removed since.</summary>
    /// <returns>Whether it was removed.</returns>
    Task<bool> DeleteUnchanged(StoredObject seen, CancellationToken cancel);

    /// <summary>
    /// The objects, sealed and growing, whose keys begin with <paramref name="prefix"/>. While one is being compressed it may stand
    /// there twice.
    /// </summary>
    IAsyncEnumerable<StoredObject> List(string prefix, CancellationToken cancel);
}

/// <summary>
/// A store that can send readers to itself. Not every store can; where bytes are encrypted before they are stored, none.
/// Whoever has such an address may read until it ends, whatever becomes of their rights meanwhile.
/// </summary>
public interface IPresignedReads
{
    /// <summary>Where the object can be read, for as long as <paramref name="life"/>; null when there is none.</summary>
    /// <param name="contentType">What the store is to call it.</param>
    /// <param name="disposition">The Content-Disposition that the store is to send.</param>
    Task<Uri?> Address(ObjectKey key, TimeSpan life, string contentType, string disposition, CancellationToken cancel);
}

/// <summary>The store does not answer. Nothing is known of the object: it may be as it was.</summary>
public sealed class ObjectStoreAwayException(string message, Exception last) : IOException(message, last);

/// <summary>The bytes of an object are not those that were stored. None of them was handed out.</summary>
public sealed class ObjectDamagedException(string message, Exception? found = null) : IOException(message, found);

/// <summary>What whoever wants damaged bytes is told.</summary>
public static class DamageRejection
{
    public static readonly Rejection Damaged = new(
        "files.damaged", RejectionKind.Broken,
        "What is stored here is not what was stored once, so it is not handed out. Trying again does not help: whoever runs this server must bring it back.");
}

/// <summary>The key of an object is not to be had: lost, destroyed, or another one was given. The message is for operators.</summary>
public sealed class ObjectKeyLostException(string message, Exception? found = null) : IOException(message, found);

/// <summary>An append was meant for another length than the object has.</summary>
public sealed class OffsetMismatchException(long length) : Exception($"The object is {length} bytes long.")
{
    /// <summary>The length that is there, in bytes.</summary>
    public long Length { get; } = length;
}

/// <summary>Writes a key as a bare string.</summary>
internal sealed class ObjectKeyJson : JsonConverter<ObjectKey>
{
    public override ObjectKey Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        new(reader.GetString() ?? throw new JsonException("An object key is a text."));

    public override void Write(Utf8JsonWriter writer, ObjectKey value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.Value);
}
