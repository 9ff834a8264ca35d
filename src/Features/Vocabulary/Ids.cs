using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace EventFiles.Features.Vocabulary;

/// <summary>An identifier: a UUID (version 7 when made here) that cannot be mistaken for another kind's.</summary>
public interface IId<TSelf> where TSelf : struct, IId<TSelf>
{
    /// <summary>The bare UUID, as it stands in URLs and JSON.</summary>
    Guid Value { get; }

    /// <summary>Gives a bare UUID its kind.</summary>
    static abstract TSelf Of(Guid value);
}

/// <summary>A person or service that signs in, or a group's space. It is also the tenant: everything an account owns is stored under it.</summary>
[JsonConverter(typeof(IdJson<AccountId>))]
public readonly record struct AccountId(Guid Value) : IId<AccountId>
{
    public static AccountId Of(Guid value) => new(value);

    /// <summary>A group's space: storage that is nobody's own. It bears the group's own UUID, and nobody signs in as it.</summary>
    public static AccountId SpaceOf(GroupId group) => new(group.Value);
    public override string ToString() => Value.ToString();
}

/// <summary>A file, whatever its name, place or version.</summary>
[JsonConverter(typeof(IdJson<FileId>))]
public readonly record struct FileId(Guid Value) : IId<FileId>
{
    public static FileId Of(Guid value) => new(value);
    public override string ToString() => Value.ToString();
}

/// <summary>A folder. An account's root folder bears the account's own UUID and needs no event to exist.</summary>
[JsonConverter(typeof(IdJson<FolderId>))]
public readonly record struct FolderId(Guid Value) : IId<FolderId>
{
    public static FolderId Of(Guid value) => new(value);

    /// <summary>The folder in which an account's tree begins.</summary>
    public static FolderId RootOf(AccountId owner) => new(owner.Value);
    public override string ToString() => Value.ToString();
}

/// <summary>One transfer of bytes. The upload that creates a file bears the file's own UUID.</summary>
[JsonConverter(typeof(IdJson<UploadId>))]
public readonly record struct UploadId(Guid Value) : IId<UploadId>
{
    public static UploadId Of(Guid value) => new(value);
    public override string ToString() => Value.ToString();
}

/// <summary>People who are given something together.</summary>
[JsonConverter(typeof(IdJson<GroupId>))]
public readonly record struct GroupId(Guid Value) : IId<GroupId>
{
    public static GroupId Of(Guid value) => new(value);
    public override string ToString() => Value.ToString();
}

/// <summary>One grant of a file or a folder to an account or a group.</summary>
[JsonConverter(typeof(IdJson<ShareId>))]
public readonly record struct ShareId(Guid Value) : IId<ShareId>
{
    public static ShareId Of(Guid value) => new(value);
    public override string ToString() => Value.ToString();
}

/// <summary>One public link. Not its secret: knowing the id opens nothing.</summary>
[JsonConverter(typeof(IdJson<LinkId>))]
public readonly record struct LinkId(Guid Value) : IId<LinkId>
{
    public static LinkId Of(Guid value) => new(value);
    public override string ToString() => Value.ToString();
}

/// <summary>One processing step of one version of a file.</summary>
[JsonConverter(typeof(IdJson<JobId>))]
public readonly record struct JobId(Guid Value) : IId<JobId>
{
    public static JobId Of(Guid value) => new(value);
    public override string ToString() => Value.ToString();
}

/// <summary>One legal hold.</summary>
[JsonConverter(typeof(IdJson<HoldId>))]
public readonly record struct HoldId(Guid Value) : IId<HoldId>
{
    public static HoldId Of(Guid value) => new(value);
    public override string ToString() => Value.ToString();
}

/// <summary>One erasure of a person.</summary>
[JsonConverter(typeof(IdJson<ErasureId>))]
public readonly record struct ErasureId(Guid Value) : IId<ErasureId>
{
    public static ErasureId Of(Guid value) => new(value);
    public override string ToString() => Value.ToString();
}

/// <summary>One export of all that is a person's.</summary>
[JsonConverter(typeof(IdJson<ExportId>))]
public readonly record struct ExportId(Guid Value) : IId<ExportId>
{
    public static ExportId Of(Guid value) => new(value);
    public override string ToString() => Value.ToString();
}

/// <summary>One picture that a person is shown by.</summary>
[JsonConverter(typeof(IdJson<AvatarId>))]
public readonly record struct AvatarId(Guid Value) : IId<AvatarId>
{
    public static AvatarId Of(Guid value) => new(value);
    public override string ToString() => Value.ToString();
}

/// <summary>One copying of a folder with everything in it.</summary>
[JsonConverter(typeof(IdJson<CopyId>))]
public readonly record struct CopyId(Guid Value) : IId<CopyId>
{
    public static CopyId Of(Guid value) => new(value);
    public override string ToString() => Value.ToString();
}

/// <summary>One transfer of ownership, from its offer to its end.</summary>
[JsonConverter(typeof(IdJson<HandoverId>))]
public readonly record struct HandoverId(Guid Value) : IId<HandoverId>
{
    public static HandoverId Of(Guid value) => new(value);
    public override string ToString() => Value.ToString();
}

/// <summary>A selection that is to be downloaded as one archive.</summary>
[JsonConverter(typeof(IdJson<ArchiveId>))]
public readonly record struct ArchiveId(Guid Value) : IId<ArchiveId>
{
    public static ArchiveId Of(Guid value) => new(value);
    public override string ToString() => Value.ToString();
}

/// <summary>A word that a person puts on files and folders of their choice.</summary>
[JsonConverter(typeof(IdJson<TagId>))]
public readonly record struct TagId(Guid Value) : IId<TagId>
{
    public static TagId Of(Guid value) => new(value);
    public override string ToString() => Value.ToString();
}

/// <summary>One sign-in: a family of refresh tokens, or one web session.</summary>
[JsonConverter(typeof(IdJson<SessionId>))]
public readonly record struct SessionId(Guid Value) : IId<SessionId>
{
    public static SessionId Of(Guid value) => new(value);
    public override string ToString() => Value.ToString();
}

/// <summary>One mail with a link that is good once. Not the link: knowing the id opens nothing.</summary>
[JsonConverter(typeof(IdJson<LetterId>))]
public readonly record struct LetterId(Guid Value) : IId<LetterId>
{
    public static LetterId Of(Guid value) => new(value);
    public override string ToString() => Value.ToString();
}

/// <summary>One invitation to open an account.</summary>
[JsonConverter(typeof(IdJson<InvitationId>))]
public readonly record struct InvitationId(Guid Value) : IId<InvitationId>
{
    public static InvitationId Of(Guid value) => new(value);
    public override string ToString() => Value.ToString();
}

/// <summary>One token that an account made for a program. Not its secret: knowing the id opens nothing.</summary>
[JsonConverter(typeof(IdJson<TokenId>))]
public readonly record struct TokenId(Guid Value) : IId<TokenId>
{
    public static TokenId Of(Guid value) => new(value);
    public override string ToString() => Value.ToString();
}

/// <summary>One passkey of an account. Not what its authenticator calls it: knowing the id opens nothing.</summary>
[JsonConverter(typeof(IdJson<PasskeyId>))]
public readonly record struct PasskeyId(Guid Value) : IId<PasskeyId>
{
    public static PasskeyId Of(Guid value) => new(value);
    public override string ToString() => Value.ToString();
}

/// <summary>Makes identifiers. Deciders and projections never do: ids reach them as arguments.</summary>
public static class NewId
{
    /// <summary>A new UUIDv7 whose time part is <paramref name="clock"/>'s now.</summary>
    public static TId Of<TId>(TimeProvider clock) where TId : struct, IId<TId> =>
        TId.Of(Guid.CreateVersion7(clock.GetUtcNow()));
}

/// <summary>Writes an id as a bare UUID string.</summary>
[SuppressMessage("Performance", "CA1812", Justification = "Named by attribute.")]
internal sealed class IdJson<TId> : JsonConverter<TId> where TId : struct, IId<TId>
{
    public override TId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        TId.Of(reader.GetGuid());

    public override void Write(Utf8JsonWriter writer, TId value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.Value);

    public override TId ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        TId.Of(Guid.Parse(reader.GetString()!, System.Globalization.CultureInfo.InvariantCulture));

    public override void WriteAsPropertyName(Utf8JsonWriter writer, TId value, JsonSerializerOptions options) =>
        writer.WritePropertyName(value.Value.ToString());
}
