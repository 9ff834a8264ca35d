using System.Collections.Immutable;

namespace EventFiles.Features.Vocabulary;

/// <summary>A refusal that a client can act on.</summary>
/// <param name="Code">Public and stable, <c>slice.reason</c>: never renamed, never used for something else.</param>
/// <param name="Kind">What sort of no it is; one place (<see cref="Http"/>) turns it into a status.</param>
/// <param name="Detail">One plain sentence for a person, without personal data.</param>
public sealed record Rejection(string Code, RejectionKind Kind, string Detail)
{
    /// <summary>For refused shapes: field name (camelCase) to what is wrong with it.</summary>
    public ImmutableDictionary<string, string[]>? Errors { get; init; }

    /// <summary>
    /// For <see cref="RejectionKind.Busy"/> and <see cref="RejectionKind.Away"/>: when to try again. Of work, with
    /// <see cref="RejectionKind.Conflict"/>: another worker is at it, and whether it still is, is looked at then.
    /// </summary>
    public TimeSpan? RetryAfter { get; init; }
}

/// <summary>The sorts of refusal, each with one HTTP status.</summary>
public enum RejectionKind
{
    /// <summary>400: it cannot be read at all.</summary>
    Malformed,

    /// <summary>422: it can be read and asks for something that makes no sense.</summary>
    Invalid,

    /// <summary>401: who asks is not known.</summary>
    Unauthenticated,

    /// <summary>403: who asks may know of it and may not do this.</summary>
    Forbidden,

    /// <summary>404: there is no such thing, or who asks may not know of it.</summary>
    Missing,

    /// <summary>409: it contradicts what stands now.</summary>
    Conflict,

    /// <summary>410: it was there and is no more.</summary>
    Gone,

    /// <summary>412: it was meant for another version of the thing.</summary>
    Stale,

    /// <summary>413: larger than allowed.</summary>
    TooLarge,

    /// <summary>415: a type that is not taken.</summary>
    Unsupported,

    /// <summary>429: ask again later.</summary>
    Busy,

    /// <summary>503: something it needs is away and will come back.</summary>
    Away,

    /// <summary>500: what this server keeps is broken, and asking again does not help.</summary>
    Broken,

    /// <summary>460 (of the tus protocol): the bytes are not those that their sender announced.</summary>
    Corrupted,

    /// <summary>507: the owner's space does not suffice.</summary>
    OverQuota,
}

/// <summary>What a request gets: the value and the position it became true at, or a refusal.</summary>
public abstract record Answer<T> : IAnswer<Answer<T>>
{
    private Answer() { }

    /// <summary>It happened, or was already so.</summary>
    /// <param name="Value">The reply.</param>
    /// <param name="Position">Where the log stood when it became true; 0 when nothing was written.</param>
    public sealed record Yes(T Value, long Position = 0) : Answer<T>;

    /// <summary>It did not happen, and nothing was written.</summary>
    public sealed record No(Rejection Why) : Answer<T>;

    public Rejection? Refusal => (this as No)?.Why;

    /// <summary>0 for refusals and for replies that wrote nothing.</summary>
    public long EventPosition => (this as Yes)?.Position ?? 0;

    public static Type Reply => typeof(T);

    public static Answer<T> Refuse(Rejection why) => new No(why);

    public static Answer<T> Say(object reply, long position) => new Yes((T)reply, position);

    public static implicit operator Answer<T>(T value) => new Yes(value);

    public static implicit operator Answer<T>(Rejection why) => new No(why);

    /// <summary>The same position with another value, or the same refusal.</summary>
    public Answer<TOther> Map<TOther>(Func<T, TOther> change) => this switch
    {
        Yes yes => new Answer<TOther>.Yes(change(yes.Value), yes.Position),
        No no => new Answer<TOther>.No(no.Why),
        _ => throw new System.Diagnostics.UnreachableException(),
    };
}

/// <summary>What the pipeline's behaviours need to know of an answer of any type.</summary>
public interface IAnswer<out TSelf>
{
    Rejection? Refusal { get; }

    long EventPosition { get; }

    /// <summary>The type of a yes's value.</summary>
    static abstract Type Reply { get; }

    static abstract TSelf Refuse(Rejection why);

    /// <summary>Yes, with a value of the type <see cref="Reply"/>.</summary>
    static abstract TSelf Say(object reply, long position);
}

/// <summary>The reply of a request that has nothing to tell but yes.</summary>
public readonly record struct Done;
