using System.Text.Json;
using EventFiles.Journeys.Tests;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace EventFiles.Page.Tests;

/// <summary>Passkeys in a real browser, with an authenticator of its own.</summary>
public sealed class PasskeyTests(PageFixture fixture)
{
    // No passkey is for an address in numbers.
    private Uri Here => new UriBuilder(fixture.Address) { Host = "localhost" }.Uri;

    [Fact]
    public async Task Somebody_adds_a_passkey_and_signs_in_with_it_until_it_is_removed()
    {
        await using var olga = await fixture.Visit(address: Here);
        await using var device = await VirtualAuthenticator.At(olga.Page);
        await olga.Register("Olga");
        await Add(olga, "The <b>key</b> at my belt");
        Assert.Empty(await olga.Barriers());
        await olga.Picture("passkeys");
        await olga.Dialog.GetByRole(AriaRole.Button, new() { Name = "Rename The <b>key</b> at my belt" }).ClickAsync();
        await olga.Dialog.Last.GetByLabel("Name", new() { Exact = true }).FillAsync("My key");
        await olga.Dialog.Last.GetByRole(AriaRole.Button, new() { Name = "Rename", Exact = true }).ClickAsync();
        await Expect(olga.Dialog.GetByText("My key", new() { Exact = true })).ToBeVisibleAsync();
        await olga.Dialog.GetByRole(AriaRole.Button, new() { Name = "Close" }).ClickAsync();

        await SignOut(olga);
        Assert.Empty(await olga.Barriers());
        await olga.Button("Sign in with a passkey").ClickAsync();
        await Expect(olga.Page.Locator("#account-name")).ToHaveTextAsync("Olga");
        await Expect(olga.Page.GetByRole(AriaRole.Heading, new() { Name = "My files" })).ToBeVisibleAsync();

        await olga.Button("Your account").ClickAsync();
        await Expect(olga.Dialog.GetByText("last used")).ToBeVisibleAsync();
        await olga.Dialog.GetByRole(AriaRole.Button, new() { Name = "Remove My key" }).ClickAsync();
        await olga.Dialog.Last.GetByRole(AriaRole.Button, new() { Name = "Remove", Exact = true }).ClickAsync();
        await Expect(olga.Dialog.GetByText("You have none.")).ToBeVisibleAsync();
        await olga.Dialog.GetByRole(AriaRole.Button, new() { Name = "Close" }).ClickAsync();
        await SignOut(olga);
        await olga.Button("Sign in with a passkey").ClickAsync();
        await Expect(olga.Page.GetByText("This passkey opens no account here")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_count_that_falls_back_shows_beside_the_passkey()
    {
        await using var olga = await fixture.Visit(address: Here);
        await using var device = await VirtualAuthenticator.At(olga.Page);
        await AddAndLeave(olga);
        await olga.Button("Sign in with a passkey").ClickAsync();
        await Expect(olga.Page.Locator("#account-name")).ToHaveTextAsync("Olga");
        await SignOut(olga);

        await device.FallBack();
        await olga.Button("Sign in with a passkey").ClickAsync();
        await Expect(olga.Page.GetByText("This passkey opens no account here")).ToBeVisibleAsync();
        await SignIn(olga);
        await olga.Button("Your account").ClickAsync();
        await Expect(olga.Dialog.GetByText("there may be a copy")).ToBeVisibleAsync();
        Assert.Empty(await olga.Barriers());
    }

    [Fact]
    public async Task Who_is_not_verified_by_the_authenticator_is_told_that_no_passkey_was_used()
    {
        await using var olga = await fixture.Visit(address: Here);
        await using var device = await VirtualAuthenticator.At(olga.Page);
        await AddAndLeave(olga);
        await device.Verifies(false);
        await olga.Button("Sign in with a passkey").ClickAsync();
        await Expect(olga.Page.GetByText("No passkey was used.")).ToBeVisibleAsync();
    }

    // What a real browser says, sent by hand: once more, for another page, without its owner's verification.
    [Fact]
    public async Task What_a_browser_has_said_is_good_once_and_from_this_page()
    {
        await using var olga = await fixture.Visit(address: Here);
        await using var device = await VirtualAuthenticator.At(olga.Page);
        await olga.Register("Olga");
        await Add(olga, "My key");
        async Task<JsonElement> Say(string verification) => (await olga.Page.EvaluateAsync<JsonElement>("""
            async verification => {
              const options = await (await fetch('/api/auth/passkeys/question', { method: 'POST', headers: { 'EventFiles-Csrf': '1' } })).json();
              const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON({ ...options, userVerification: verification });
              return (await navigator.credentials.get({ publicKey })).toJSON();
            }
            """, verification)).Clone();
        using var nobody = new HttpClient { BaseAddress = Here };
        var said = await Say("required");
        await Login(nobody, said).Expect(200);
        await Login(nobody, said).Problem(401, "accounts.passkey-refused");
        await device.Verifies(false);
        await Login(nobody, await Say("discouraged")).Problem(401, "accounts.passkey-refused");
        await device.Verifies(true);
        await Login(nobody, await Say("required")).Expect(200);

        // A server that is found elsewhere takes nothing from this page.
        await using var elsewhere = await Server.Start(null, ("PUBLIC_URL", "https://files.example"));
        await using var ravi = await fixture.Visit(address: new UriBuilder(elsewhere.Address) { Host = "localhost" }.Uri);
        await using var other = await VirtualAuthenticator.At(ravi.Page);
        await ravi.Register("Ravi");
        await ravi.Button("Your account").ClickAsync();
        await Expect(ravi.Dialog.GetByText("at files.example")).ToBeVisibleAsync();
        var refused = await ravi.Page.EvaluateAsync<JsonElement>("""
            async password => {
              const send = (path, body) => fetch(path, { method: 'POST', headers: { 'EventFiles-Csrf': '1', 'Content-Type': 'application/json' }, body: JSON.stringify(body) });
              const options = await (await send('/api/auth/passkeys/creation', { password })).json();
              const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON({ ...options, rp: { ...options.rp, id: 'localhost' } });
              const credential = (await navigator.credentials.create({ publicKey })).toJSON();
              const reply = await send('/api/auth/passkeys', { name: 'x', credential });
              return { status: reply.status, type: (await reply.json()).type };
            }
            """, Visitor.Password);
        Assert.Equal((403, "urn:eventfiles:problem:accounts.passkey-unproved"), (refused.GetProperty("status").GetInt32(), refused.GetProperty("type").GetString()));
    }

    private static Task<HttpResponseMessage> Login(HttpClient nobody, JsonElement credential) => nobody.PostAsync(
        "api/auth/passkeys/login", System.Net.Http.Json.JsonContent.Create(new { credential }), TestContext.Current.CancellationToken);

    private static async Task AddAndLeave(Visitor olga)
    {
        await olga.Register("Olga");
        await Add(olga, "My key");
        await olga.Dialog.GetByRole(AriaRole.Button, new() { Name = "Close" }).ClickAsync();
        await SignOut(olga);
    }

    private static async Task Add(Visitor visitor, string name)
    {
        await visitor.Button("Your account").ClickAsync();
        var section = visitor.Dialog.Locator("section").Filter(new() { Has = visitor.Page.GetByRole(AriaRole.Heading, new() { Name = "Passkeys" }) });
        await section.GetByLabel("What you call it").FillAsync(name);
        await section.GetByLabel("Your password").FillAsync(Visitor.Password);
        await section.GetByRole(AriaRole.Button, new() { Name = "Add passkey" }).ClickAsync();
        await Expect(section.GetByText(name, new() { Exact = true })).ToBeVisibleAsync();
    }

    private static async Task SignOut(Visitor visitor)
    {
        await visitor.Button("Sign out").ClickAsync();
        await Expect(visitor.Button("Sign in with a passkey")).ToBeVisibleAsync();
    }

    private static async Task SignIn(Visitor visitor)
    {
        await visitor.Page.GetByLabel("E-mail").FillAsync(visitor.Email);
        await visitor.Page.GetByLabel("Password").FillAsync(Visitor.Password);
        await visitor.Button("Sign in").ClickAsync();
        await Expect(visitor.Page.Locator("#account-name")).ToHaveTextAsync("Olga");
    }

    /// <summary>An authenticator built into the browser, which keeps what it makes and verifies its owner.</summary>
    private sealed class VirtualAuthenticator : IAsyncDisposable
    {
        private readonly ICDPSession browser;
        private readonly string id;

        private VirtualAuthenticator(ICDPSession browser, string id)
        {
            this.browser = browser;
            this.id = id;
        }

        public static async Task<VirtualAuthenticator> At(IPage page)
        {
            var session = await page.Context.NewCDPSessionAsync(page);
            await session.SendAsync("WebAuthn.enable");
            var made = await session.SendAsync("WebAuthn.addVirtualAuthenticator", new Dictionary<string, object>
            {
                ["options"] = new
                {
                    protocol = "ctap2",
                    transport = "internal",
                    hasResidentKey = true,
                    hasUserVerification = true,
                    isUserVerified = true,
                    automaticPresenceSimulation = true,
                },
            });
            return new VirtualAuthenticator(session, made!.Value.GetProperty("authenticatorId").GetString()!);
        }

        /// <summary>Whether it finds that it is its owner.</summary>
        public async Task Verifies(bool isSo) => await browser.SendAsync(
            "WebAuthn.setUserVerified", new Dictionary<string, object> { ["authenticatorId"] = id, ["isUserVerified"] = isSo });

        /// <summary>It is what a copy of it would be that was made before it was ever used.</summary>
        public async Task FallBack()
        {
            var about = new Dictionary<string, object> { ["authenticatorId"] = id };
            var all = await browser.SendAsync("WebAuthn.getCredentials", about);
            var credential = all!.Value.GetProperty("credentials")[0].Deserialize<Dictionary<string, JsonElement>>()!;
            credential["signCount"] = JsonSerializer.SerializeToElement(0);
            await browser.SendAsync("WebAuthn.clearCredentials", about);
            await browser.SendAsync("WebAuthn.addCredential", new Dictionary<string, object> { ["authenticatorId"] = id, ["credential"] = credential });
        }

        public async ValueTask DisposeAsync() => await browser.DetachAsync();
    }
}
