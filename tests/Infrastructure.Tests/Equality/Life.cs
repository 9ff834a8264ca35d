using EventFiles.Features.Accounts;
using EventFiles.Features.Hold;
using EventFiles.Features.Share;
using MediatR;

namespace EventFiles.Infrastructure.Tests.Equality;

/// <summary>One history as it happens: who there is, what they have, and what they ask of the node.</summary>
internal sealed class Life(
    ProductNode node, History history, Coverage coverage, LeapingTime clock, Mailboxes mail, Caller operatorOfAll)
{
    public static readonly SignInFrom Home = new("192.0.2.1", "a browser");

    private int asked;

    public LeapingTime Clock => clock;

    public ProductNode Node => node;

    public Mailboxes Mail => mail;

    /// <summary>May what administrators may.</summary>
    public Caller Operator => operatorOfAll;

    public Bag<Person> People { get; } = new();

    public Bag<Thing<FileId>> Files { get; } = new();

    public Bag<Thing<FolderId>> Folders { get; } = new();

    public Bag<Thing<TagId>> Tags { get; } = new();

    public Bag<Thing<CopyId>> Copies { get; } = new();

    public Bag<Destination> Destinations { get; } = new();

    public Bag<Transfer> Transfers { get; } = new();

    /// <summary>Uploads that are meant to be joined.</summary>
    public Bag<Transfer> Parts { get; } = new();

    public Bag<SharedThing> Shares { get; } = new();

    public Bag<Thing<GroupId>> Groups { get; } = new();

    public Bag<SharedLink> Links { get; } = new();

    /// <summary>Links by which anybody brings files into a folder.</summary>
    public Bag<SharedLink> Inboxes { get; } = new();

    public Bag<HoldView> Holds { get; } = new();

    /// <summary>Registers two people, and lets everything happen.</summary>
    public async Task Run()
    {
        for (var i = 0; i < 2; i++)
            People.Add(await Register($"somebody {history.Seed}.{i}"));
        Func<Deed, Func<Random, Task>?>[] who =
        [
            new AccountDeeds(this).Of, new FileDeeds(this).Of, new FolderDeeds(this).Of, new UploadDeeds(this).Of,
            new VersionDeeds(this).Of, new ShareDeeds(this).Of, new InboxDeeds(this).Of, new HandoverDeeds(this).Of, new GroupDeeds(this).Of,
            new KeepingDeeds(this).Of, new LetterDeeds(this).Of, new SecretDeeds(this).Of, new ErasureDeeds(this).Of,
        ];
        await Task.WhenAll(history.Wishes.GroupBy(wish => wish.Lane).Select(async lane =>
        {
            foreach (var wish in lane)
            {
                var deed = who.Select(one => one(wish.Deed)).FirstOrDefault(done => done is not null)
                    ?? throw new InvalidOperationException($"Nobody does {wish.Deed}.");
                await deed(new Random(wish.Seed));
            }
        }));
        await new ScanDeeds(this).Run(new Random(history.Seed));
    }

    /// <summary>Asks, and gives what was answered; null for a refusal.</summary>
    public async Task<T?> Ask<T>(IRequest<Answer<T>> request) where T : class =>
        await Answered(request) is Answer<T>.Yes(var value, _) ? value : null;

    /// <summary>Whether it was done.</summary>
    public async Task<bool> Do<T>(IRequest<Answer<T>> request) => await Answered(request) is Answer<T>.Yes;

    /// <summary>Somebody signed in: with the last session there is, or by signing in for it.</summary>
    public async Task<Caller> Somebody(Random chance)
    {
        var person = People.Any(chance)!;
        return (await Seated(person, chance))?.By ?? operatorOfAll;
    }

    /// <summary>A sign-in of somebody's: the last one mostly, or a new one where there is none; null when that was refused.</summary>
    public async Task<Seat?> Seated(Person person, Random chance) => person.Seats.Any(chance) ?? await SignIn(person);

    /// <summary>The owner mostly, for others are refused.</summary>
    public async Task<Caller> Owner(AccountId account, Random chance) =>
        chance.Next(6) == 0
            ? await Somebody(chance)
            : People.All.FirstOrDefault(person => person.Account == account)?.Seats.Any(chance)?.By ?? await Somebody(chance);

    public async Task<Seat?> SignIn(Person person)
    {
        var tokens = await Ask(new Login(person.Email, person.Password, Home, person.App?.Code(clock.GetUtcNow())));
        return tokens is null ? null : Sit(person, SessionOf(tokens.RefreshToken), tokens.RefreshToken);
    }

    public async Task<Seat?> OpenPage(Person person)
    {
        var page = await Ask(new OpenWebSession(person.Email, person.Password, Home, person.App?.Code(clock.GetUtcNow())));
        return page is null ? null : Sit(person, SessionOf(page.Cookie), null);
    }

    public async Task<Person> Register(string name)
    {
        var person = new Person($"{Guid.NewGuid():n}@example.org", "correct horse battery");
        person.Account = (await Ask(new RegisterAccount(person.Email, person.Password, name)))!.Id;
        return person;
    }

    private static Seat Sit(Person person, SessionId session, string? refreshToken)
    {
        var seat = new Seat(new Caller(person.Account, session, false));
        if (refreshToken is not null)
            seat.Tokens.Add(new Token(refreshToken));
        person.Seats.Add(seat);
        return seat;
    }

    // Both secrets begin with the session's id.
    public static SessionId SessionOf(string secret) => new(Guid.Parse(secret.Split('.')[0]));

    private async Task<Answer<T>> Answered<T>(IRequest<Answer<T>> request)
    {
        Answer<T> answer;
        try
        {
            // By the door of clients, from home or from elsewhere.
            Origin.Current = new Origin(null, null, null) { Via = "api", Address = Interlocked.Increment(ref asked) % 8 == 0 ? "198.51.100.9" : Home.Address };
            answer = await node.Ask(request);
        }
        catch (TransientException)
        {
            // Others were faster a dozen times: a client gets 503 and comes again.
            answer = new Rejection("transient", RejectionKind.Busy, "");
        }

        coverage.Answered(answer.Refusal);
        return answer;
    }
}

/// <summary>Somebody with an account.</summary>
internal sealed class Person(string email, string password)
{
    public AccountId Account { get; set; }

    public string Email { get; set; } = email;

    public string Password { get; set; } = password;

    /// <summary>Shows the codes of the second factor; null when there is none.</summary>
    public Authenticator? App { get; set; }

    public Bag<Seat> Seats { get; } = new();
}

/// <summary>One sign-in, and the refresh tokens it ever had, the last one last.</summary>
internal sealed record Seat(Caller By)
{
    public Bag<Token> Tokens { get; } = new();
}

/// <summary>A refresh token.</summary>
internal sealed record Token(string Secret);

/// <summary>A file or folder, and whose it is.</summary>
internal sealed record Thing<TId>(TId Id, AccountId Owner) where TId : struct;

/// <summary>Where an upload was to go.</summary>
internal sealed record Destination(AccountId Owner, FolderId? Folder, string Name);

/// <summary>A resumable upload.</summary>
internal sealed record Transfer(string Token, byte[] Content, AccountId Owner)
{
    public long Sent { get; set; }
}

/// <summary>A grant.</summary>
/// <param name="Whom">As whoever granted it said.</param>
internal sealed record SharedThing(ShareId Id, ShareTarget On, AccountId Owner, string Whom);

/// <summary>A link, for whoever got it.</summary>
internal sealed record SharedLink(LinkId Id, string Token, string? Password, AccountId Owner);
