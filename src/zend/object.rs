//! PHP objects, and the native state that ours carry.
//!
//! The state lies in front of the engine's object, in one allocation. It is put in place by the
//! constructor and stays until the object goes: a method may keep a plain reference to it while PHP
//! code runs. A constructor that is called again adds a state in front of the former one, which
//! then nobody sees any more. Changes inside go through `Cell` and `RefCell`.

use std::cell::{OnceCell, UnsafeCell};
use std::marker::PhantomData;
use std::mem::{ManuallyDrop, MaybeUninit, offset_of};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::{self, NonNull};

use super::Php;
use super::api::{Class, slot};
use super::array::Array;
use super::exception::{Base, check, throw};
use super::ffi::{
    HashTable, ZEND_ACC_USE_GUARDS, Zval, instanceof_function_slow, object_properties_init,
    std_object_handlers, zend_class_entry, zend_object, zend_object_handlers, zend_object_std_dtor,
    zend_object_std_init, zend_objects_new, zend_read_property, zend_std_get_properties,
    zend_update_property, zval,
};
use super::gc::GcBuffer;
use super::string::Str;
use super::value::Value;

/// The kinds of native state; each has its own handler table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Conf,
    TopicConf,
    Kafka,
    KafkaConsumer,
    Topic,
    Queue,
    TopicPartition,
    Metadata,
    MetadataBroker,
    MetadataTopic,
    MetadataPartition,
    MetadataCollection,
}

const KINDS: usize = Kind::MetadataCollection as usize + 1;

/// State behind the objects of one or more classes.
pub(crate) trait Native: Sized + 'static {
    const KIND: Kind;
    /// What to say when a method runs on an object whose constructor did not.
    const UNINITIALISED: &'static str;
    /// Whether dumps show [`Native::debug`] instead of the properties.
    const HAS_DEBUG: bool = false;

    /// Tells the cycle collector about every PHP value the state owns.
    fn visit(&self, _gc: &mut GcBuffer) {}

    /// What `var_dump` shows.
    fn debug(&self, _this: Object<'_>) -> Array {
        Array::with_capacity(0)
    }
}

#[repr(C)]
struct Storage<T> {
    states: States<T>,
    object: zend_object,
}

/// What the constructor left, and each further call of it: the last one counts.
struct States<T> {
    first: OnceCell<T>,
    later: OnceCell<Box<Self>>,
}

impl<T> States<T> {
    const fn new() -> Self {
        Self {
            first: OnceCell::new(),
            later: OnceCell::new(),
        }
    }

    #[inline(always)]
    fn get(&self) -> Option<&T> {
        match self.later.get() {
            None => self.first.get(),
            Some(later) => later.get(),
        }
    }

    fn add(&self, state: T) {
        let Err(state) = self.first.set(state) else {
            return;
        };
        match self.later.get() {
            Some(later) => later.add(state),
            None => self.later.get_or_init(|| Box::new(Self::new())).add(state),
        }
    }

    fn each(&self, see: &mut dyn FnMut(&T)) {
        self.first.get().into_iter().for_each(&mut *see);
        if let Some(later) = self.later.get() {
            later.each(see);
        }
    }
}

impl<T: Native> Storage<T> {
    const OFFSET: usize = offset_of!(Self, object);

    /// # Safety
    /// `object` must be one that [`create`] made for this `T`.
    unsafe fn of(object: *mut zend_object) -> *mut Self {
        // SAFETY: by contract the object lies inside a `Storage<T>`.
        unsafe { object.cast::<u8>().sub(Self::OFFSET).cast() }
    }
}

/// Written once per kind, when the module starts.
struct HandlerTables(UnsafeCell<[MaybeUninit<zend_object_handlers>; KINDS]>);

// SAFETY: only written by `attach`, before any object exists; afterwards only read.
unsafe impl Sync for HandlerTables {}

static HANDLERS: HandlerTables =
    HandlerTables(UnsafeCell::new([const { MaybeUninit::uninit() }; KINDS]));

fn handlers(kind: Kind) -> *mut zend_object_handlers {
    // SAFETY: stays inside the array.
    unsafe {
        HANDLERS
            .0
            .get()
            .cast::<zend_object_handlers>()
            .add(kind as usize)
    }
}

/// Makes objects of `classes` carry a `T`. Once per kind, while the module starts.
pub(crate) fn attach<T: Native>(classes: &[Class]) {
    const { assert!(align_of::<Storage<T>>() <= 8, "emalloc aligns to 8") };
    let table = handlers(T::KIND);
    // SAFETY: no object exists yet, and no other thread runs; the classes are registered.
    unsafe {
        ptr::copy_nonoverlapping(&raw const std_object_handlers, table, 1);
        (*table).offset = Storage::<T>::OFFSET as _;
        (*table).clone_obj = None;
        (*table).free_obj = Some(free::<T>);
        (*table).get_gc = Some(collect::<T>);
        if T::HAS_DEBUG {
            (*table).get_debug_info = Some(debug_info::<T>);
        }
        for class in classes {
            (*class.entry()).__bindgen_anon_2.create_object = Some(create::<T>);
        }
    }
}

unsafe extern "C" fn create<T: Native>(class: *mut zend_class_entry) -> *mut zend_object {
    // SAFETY: the engine passes the class to instantiate. The allocation has room for the state
    // and all property slots; the engine initialises its own part.
    unsafe {
        let slots = (*class).default_properties_count as usize;
        let guards = usize::from((*class).ce_flags & ZEND_ACC_USE_GUARDS != 0);
        // `zend_object` already holds one slot.
        let size = size_of::<Storage<T>>() + size_of::<zval>() * (slots + guards).saturating_sub(1);
        let layout = std::alloc::Layout::from_size_align_unchecked(size, 8);
        let storage = ext_php_rs::alloc::emalloc(layout).cast::<Storage<T>>();
        (&raw mut (*storage).states).write(States::new());
        let object = &raw mut (*storage).object;
        zend_object_std_init(object, class);
        object_properties_init(object, class);
        (*object).handlers = handlers(T::KIND);
        object
    }
}

unsafe extern "C" fn free<T: Native>(object: *mut zend_object) {
    // SAFETY: the engine frees each object once; the state is taken out before it is dropped, so
    // that whatever runs meanwhile finds an object without one.
    unsafe {
        let storage = &mut *Storage::<T>::of(object);
        let states = std::mem::replace(&mut storage.states, States::new());
        // A panic must not cross into C, and there is nobody left to tell.
        _ = catch_unwind(AssertUnwindSafe(|| drop(states)));
        zend_object_std_dtor(object);
    }
}

unsafe extern "C" fn collect<T: Native>(
    object: *mut zend_object,
    table: *mut *mut zval,
    count: *mut i32,
) -> *mut HashTable {
    // SAFETY: an object of ours, and places for the answer.
    unsafe {
        let mut gc = GcBuffer::new();
        let states = &(*Storage::<T>::of(object)).states;
        states.each(&mut |state| state.visit(&mut gc));
        (*table, *count) = gc.finish();
        zend_std_get_properties(object)
    }
}

unsafe extern "C" fn debug_info<T: Native>(
    object: *mut zend_object,
    is_temporary: *mut i32,
) -> *mut HashTable {
    // SAFETY: an object of ours, and a place for the flag; the caller releases the array.
    unsafe {
        *is_temporary = 1;
        let this = Object::from_raw(object);
        let array = match (*Storage::<T>::of(object)).states.get() {
            Some(state) => state.debug(this),
            None => Array::with_capacity(0),
        };
        array.into_raw()
    }
}

/// An object that somebody else keeps alive for `'a`.
#[derive(Clone, Copy)]
pub(crate) struct Object<'a> {
    raw: NonNull<zend_object>,
    _alive: PhantomData<&'a ()>,
}

impl<'a> Object<'a> {
    /// # Safety
    /// `raw` must point to an object that lives for `'a`.
    #[inline(always)]
    pub(super) unsafe fn from_raw(raw: *mut zend_object) -> Self {
        Self {
            // SAFETY: not null, by contract.
            raw: unsafe { NonNull::new_unchecked(raw) },
            _alive: PhantomData,
        }
    }

    pub(super) fn as_raw(self) -> *mut zend_object {
        self.raw.as_ptr()
    }

    #[inline(always)]
    pub(crate) fn is_instance_of(self, class: Class) -> bool {
        let wanted = class.entry();
        // SAFETY: the object is alive, and the class is registered.
        unsafe {
            let own = (*self.raw.as_ptr()).ce;
            ptr::eq(own, wanted) || instanceof_function_slow(own, wanted)
        }
    }

    pub(crate) fn class_name(self) -> String {
        // SAFETY: the object is alive; its class has a name.
        unsafe { Str::from_raw((*(*self.raw.as_ptr()).ce).name).to_text() }
    }

    /// Its native state, if it is an object that carries a `T` and its constructor has run.
    pub(crate) fn state<T: Native>(self) -> Option<&'a T> {
        self.states().and_then(States::get)
    }

    #[inline(always)]
    fn states<T: Native>(self) -> Option<&'a States<T>> {
        // SAFETY: the handler table proves that `create::<T>` made the object; a state that was
        // put in place stays there while the object lives.
        unsafe {
            let is_ours = ptr::eq((*self.raw.as_ptr()).handlers, handlers(T::KIND));
            is_ours.then(|| &(*Storage::<T>::of(self.raw.as_ptr())).states)
        }
    }

    /// Its native state; throws when its constructor has not run.
    #[inline(always)]
    pub(crate) fn native<T: Native>(self) -> Php<&'a T> {
        match self.state() {
            Some(state) => Ok(state),
            None => Err(throw(Base::Exception, T::UNINITIALISED, 0)),
        }
    }

    /// Puts the native state in place; gives it back when there is one already.
    pub(crate) fn construct<T: Native>(self, state: T) -> Result<(), T> {
        match self.states::<T>() {
            Some(states) => states.first.set(state),
            None => Err(state),
        }
    }

    /// As [`Self::construct`]; a state that is there already is seen no more, and dropped when the
    /// object goes.
    pub(crate) fn construct_anew<T: Native>(self, state: T) {
        if let Some(states) = self.states::<T>() {
            states.add(state);
        }
    }

    /// A property as code outside the class reads it; may throw and run PHP code.
    pub(crate) fn property(self, name: &str) -> Php<Value> {
        self.read_property(ptr::null_mut(), name)
    }

    /// A property as code inside `scope` reads it.
    pub(crate) fn own_property(self, scope: Base, name: &str) -> Php<Value> {
        self.read_property(scope.entry(), name)
    }

    fn read_property(self, scope: *mut zend_class_entry, name: &str) -> Php<Value> {
        let mut room = Zval::NULL;
        // SAFETY: the object is alive; the result is a zval of the object's, or `room`.
        let value = unsafe {
            let found = zend_read_property(
                scope,
                self.raw.as_ptr(),
                name.as_ptr().cast(),
                name.len(),
                false,
                (&raw mut room).cast(),
            );
            let value = Value::copy_from(found);
            if ptr::eq(found, (&raw const room).cast()) {
                room.release();
            }
            value
        };
        check(value)
    }

    /// Sets a property as code inside `scope` does.
    pub(crate) fn set_property(self, scope: Base, name: &str, value: impl Into<Value>) -> Php<()> {
        let value = value.into();
        let mut raw = value.raw();
        // SAFETY: the object is alive; the engine takes a reference of its own.
        unsafe {
            zend_update_property(
                scope.entry(),
                self.raw.as_ptr(),
                name.as_ptr().cast(),
                name.len(),
                (&raw mut raw).cast(),
            );
        }
        check(())
    }

    /// A reference of one's own.
    #[inline(always)]
    pub(crate) fn to_owned(self) -> ObjectRef {
        // SAFETY: the object is alive.
        unsafe { Zval::object(self.raw.as_ptr()).add_reference() };
        ObjectRef(self.raw)
    }
}

/// An object and one reference to it.
pub(crate) struct ObjectRef(NonNull<zend_object>);

impl ObjectRef {
    /// A new object of `class`, its constructor not called.
    pub(crate) fn new(class: Class) -> Self {
        let entry = class.entry();
        // SAFETY: a registered class; both ways return a new object with one reference.
        unsafe {
            let object = match (*entry).__bindgen_anon_2.create_object {
                Some(create) => create(entry),
                None => {
                    let object = zend_objects_new(entry);
                    object_properties_init(object, entry);
                    object
                }
            };
            Self(NonNull::new_unchecked(object))
        }
    }

    /// A new object of `class` with its native state.
    pub(crate) fn with_state<T: Native>(class: Class, state: T) -> Self {
        let object = Self::new(class);
        // A new object has no state yet; that its class carries a `T` is up to the caller.
        let set = object.as_object().construct(state);
        debug_assert!(set.is_ok());
        object
    }

    pub(crate) fn as_object(&self) -> Object<'_> {
        Object {
            raw: self.0,
            _alive: PhantomData,
        }
    }

    pub(super) fn into_raw(self) -> *mut zend_object {
        ManuallyDrop::new(self).0.as_ptr()
    }
}

/// A new RdKafka\Message that nobody has seen yet: its properties are written by slot, straight into the object.
pub(crate) struct NewMessage(ObjectRef);

impl NewMessage {
    /// All properties null.
    #[inline(always)]
    pub(crate) fn new() -> Self {
        // SAFETY: a class without create_object: its slots are raw memory until they are written here, every one of
        // them. That there are `COUNT`, in this order, was checked when the class was registered.
        unsafe {
            let object = zend_objects_new(Class::Message.entry());
            let slots = (&raw mut (*object).properties_table).cast::<Zval>();
            for index in 0..slot::message::COUNT {
                slots.add(index).write(Zval::NULL);
            }
            Self(ObjectRef(NonNull::new_unchecked(object)))
        }
    }

    /// Gives a property its value, once.
    #[inline(always)]
    pub(crate) fn set(&mut self, index: usize, value: impl Into<Value>) {
        assert!(index < slot::message::COUNT, "a slot of RdKafka\\Message");
        // SAFETY: one of the object's slots, which holds null, so there is nothing to release.
        unsafe {
            let slots = (&raw mut (*self.0.0.as_ptr()).properties_table).cast::<Zval>();
            slots.add(index).write(value.into().into_raw());
        }
    }

    #[inline(always)]
    pub(crate) fn finish(self) -> ObjectRef {
        self.0
    }
}

impl Clone for ObjectRef {
    fn clone(&self) -> Self {
        self.as_object().to_owned()
    }
}

impl Drop for ObjectRef {
    fn drop(&mut self) {
        // SAFETY: the reference is owned.
        unsafe { Zval::object(self.0.as_ptr()).release() };
    }
}
